/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "config.h"
#include "map/bookmark-button.h"
#include "map/breadcrumb.h"
#include "map/find-bar.h"
#include "map/map-header.h"
#include "map/scale-bar.h"
#include "model/notation.h"
#include "paint/accessible-name.h"
#include "paint/fitting.h"
#include "paint/line.h"
#include "recent.h"

#define CRUMBS_WIDTH_MIN_PX 120
#define GO_TO_CHARS_MIN 6
#define GO_TO_CHARS 17

G_DEFINE_FINAL_TYPE (AtlasWindow, atlas_window, ADW_TYPE_APPLICATION_WINDOW)

GtkWindow *
atlas_window_show_error (AtlasWindow *self, const char *heading, const char *body)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
  return GTK_WINDOW (dialog);
}

/* ---- following the document -------------------------------------------------------------------
 */

static void
update_title (AtlasWindow *self)
{
  const char *name = atlas_document_get_title (self->document);
  const char *subtitle = atlas_document_get_subtitle (self->document);
  g_autofree char *title = NULL;
  g_autofree char *window_title = NULL;
  g_autofree char *path = NULL;
  g_autofree char *tip = NULL;
  GFile *file = atlas_document_get_file (self->document);

  /* Where it is kept: a program's name says nothing of that. */
  path = file != NULL ? g_file_get_parse_name (file) : NULL;
  tip = path != NULL && subtitle != NULL ? g_strdup_printf ("%s\n%s", path, subtitle)
                                         : g_strdup (path != NULL ? path : subtitle);
  title = g_strconcat (
    atlas_document_is_modified (self->document) ? "• " : "", name != NULL ? name : "", NULL);
  window_title =
    name != NULL ? g_strdup_printf (_ ("%s – VM Atlas"), title) : g_strdup (_ ("VM Atlas"));
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), tip);
  gtk_window_set_title (GTK_WINDOW (self), window_title);
}

static void
document_changed_cb (AtlasWindow *self)
{
  update_title (self);
  atlas_window_update_actions (self);
}

/* Others of the same step follow it. */
static gboolean
is_followed (AtlasWindow *self, const AtlasCommandResult *result)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  guint position = atlas_session_get_position (session);

  for (guint i = atlas_session_get_undo_position (session); i + 1 < position; i++)
    if (atlas_session_get_result (session, i) == result)
      return TRUE;
  return FALSE;
}

/* The command, and those that undo takes back with it. (transfer full) */
static char *
format_step (AtlasWindow *self, const AtlasCommandResult *result)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  guint position = atlas_session_get_position (session);
  GString *text = g_string_new (NULL);

  if (atlas_session_get_undo_position (session) == position ||
      atlas_session_get_result (session, position - 1) != result)
    g_string_append (text, result->command);
  else
    for (guint i = atlas_session_get_undo_position (session); i < position; i++)
      g_string_append_printf (
        text, "%s%s", text->len > 0 ? "\n" : "", atlas_session_get_result (session, i)->command);
  return g_string_free (text, FALSE);
}

static void
document_ran_cb (AtlasWindow *self, AtlasCommandResult *result)
{
  if (is_followed (self, result))
    return;
  g_free (self->last_command);
  self->last_command = format_step (self, result);
  atlas_window_update_actions (self);
  /* The console tells it itself. */
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->below_stack), "console") == 0 &&
      result->trace == NULL)
    return;
  if (result->trace != NULL)
    {
      gtk_stack_set_visible_child_name (self->panel_stack, "walk");
      return;
    }
  atlas_window_show_message (self,
                             result->result,
                             atlas_status_is_success (result->status) &&
                               atlas_document_can_undo (self->document));
}

static void
viewport_changed_cb (AtlasWindow *self)
{
  g_autofree char *scale = atlas_map_header_format_scale (self->viewport);

  gtk_label_set_label (self->scale_label, scale);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_icon_button (const char *icon, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  return button;
}

static GMenu *
make_menu (AtlasWindow *self)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) files = g_menu_new ();
  g_autoptr (GMenu) view = g_menu_new ();
  g_autoptr (GMenu) layout = g_menu_new ();
  g_autoptr (GMenu) compare = g_menu_new ();
  g_autoptr (GMenu) pages = atlas_window_make_view_menu ();
  g_autoptr (GMenu) edit = g_menu_new ();
  g_autoptr (GMenu) export = atlas_window_make_export_menu ();
  g_autoptr (GMenu) copy = atlas_notation_make_menu ();
  g_autoptr (GMenu) tasks = atlas_window_make_task_menu ();
  g_autoptr (GMenu) style = g_menu_new ();
  g_autoptr (GMenu) program = g_menu_new ();
  g_autoptr (GMenuModel) recent = atlas_recent_menu_new (self->settings);

  g_menu_append (files, _ ("_New Window"), "app.new-window");
  g_menu_append_submenu (files, _ ("Open _Recent"), recent);
  g_menu_append (files, _ ("_Save"), "win.save");
  g_menu_append (files, _ ("Save _As…"), "win.save-as");
  g_menu_append_submenu (files, _ ("_Export"), G_MENU_MODEL (export));
  g_menu_append (files, _ ("P_rint…"), "win.print");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (files));

  g_menu_append (layout, _ ("_Gaps Collapsed"), "map.layout::collapsed");
  g_menu_append (layout, _ ("_True to Scale"), "map.layout::linear");
  g_menu_append (layout, _ ("_Area (Hilbert Curve)"), "map.layout::hilbert");
  g_menu_append_submenu (view, _ ("_Layout of the Map"), G_MENU_MODEL (layout));
  g_menu_append (view, _ ("_Kernel Half Too"), "map.whole-space");
  g_menu_append (view, _ ("_Page Tables"), "win.show-tables");
  g_menu_append (view, _ ("Side _Panel"), "win.toggle-panel");
  g_menu_append (view, _ ("T_imeline"), "win.timeline");
  g_menu_append (compare, _ ("With This _Moment"), "win.compare-now");
  g_menu_append (compare, _ ("With the _Start of the Session"), "win.compare-start");
  g_menu_append (compare, _ ("With the Next _Process"), "win.compare-process");
  g_menu_append (compare, _ ("With a _File…"), "win.compare-file");
  g_menu_append (compare, _ ("_Stop Comparing"), "win.stop-comparing");
  g_menu_append_submenu (view, _ ("_Compare"), G_MENU_MODEL (compare));
  g_menu_append_submenu (view, _ ("Show _View"), G_MENU_MODEL (pages));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (view));

  g_menu_append (style, _ ("Follow the System"), "app.color-scheme::default");
  g_menu_append (style, _ ("Light"), "app.color-scheme::light");
  g_menu_append (style, _ ("Dark"), "app.color-scheme::dark");
  g_menu_prepend (tasks, _ ("_Allocate…"), "win.allocate");
  g_menu_append_submenu (edit, _ ("_Memory"), G_MENU_MODEL (tasks));
  g_menu_append (edit, _ ("_Bookmark…"), "win.bookmark");
  g_menu_append (edit, _ ("Find in _Memory"), "win.find");
  g_menu_append (edit, _ ("_Find a Command"), "win.palette");
  g_menu_append (edit, _ ("_Copy Last Command"), "win.copy-command");
  g_menu_append_submenu (edit, _ ("Copy _Address"), G_MENU_MODEL (copy));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (edit));

  g_menu_append_submenu (program, _ ("_Colours"), G_MENU_MODEL (style));
  g_menu_append (program, _ ("_Tours and Scenarios…"), "win.gallery");
  g_menu_append (program, _ ("ASLR _Laboratory…"), "win.laboratory");
  g_menu_append (program, _ ("_Preferences"), "app.preferences");
  g_menu_append (program, _ ("_Keyboard Shortcuts"), "win.show-help-overlay");
  g_menu_append (program, _ ("_About VM Atlas"), "app.about");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (program));
  return menu;
}

/* GTK 4.8 leaves the keyboard with an item of a submenu that was chosen: no shortcut works then. */
static void
menu_closed_cb (AtlasWindow *self, GtkWidget *popover)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus == NULL || gtk_widget_is_ancestor (focus, popover))
    gtk_widget_grab_focus (self->map_view);
}

/* Making the menu takes as long as a fifth of the window: it waits until somebody opens it. */
static void
open_menu_cb (GtkMenuButton *button, gpointer user_data)
{
  g_autoptr (GMenu) menu = NULL;

  if (gtk_menu_button_get_menu_model (button) != NULL)
    return;
  menu = make_menu (user_data);
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
  g_signal_connect_object (gtk_menu_button_get_popover (button),
                           "closed",
                           G_CALLBACK (menu_closed_cb),
                           user_data,
                           G_CONNECT_SWAPPED);
}

static void
open_tasks_cb (GtkMenuButton *button, gpointer user_data)
{
  AdwSplitButton *allocate = user_data;
  g_autoptr (GMenu) menu = NULL;

  if (adw_split_button_get_menu_model (allocate) != NULL)
    return;
  menu = atlas_window_make_task_menu ();
  adw_split_button_set_menu_model (allocate, G_MENU_MODEL (menu));
}

static void
go_to_activated_cb (AtlasWindow *self)
{
  atlas_window_go_to (self, gtk_editable_get_text (self->go_to_entry));
}

static GtkWidget *
make_header_bar (AtlasWindow *self)
{
  GtkWidget *bar = adw_header_bar_new ();
  GtkWidget *open = gtk_button_new_with_mnemonic (_ ("_Open"));
  GtkWidget *history = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *allocate = adw_split_button_new ();
  GtkWidget *allocate_content = adw_button_content_new ();
  GtkWidget *title = adw_window_title_new (_ ("VM Atlas"), "");
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *menu_button = gtk_menu_button_new ();
  GtkWidget *tasks;

  atlas_name_after_label (open);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "win.open");
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), open);

  gtk_widget_add_css_class (history, "linked");
  gtk_box_append (GTK_BOX (history),
                  make_icon_button ("edit-undo-symbolic", _ ("Undo"), "win.undo"));
  gtk_box_append (GTK_BOX (history),
                  make_icon_button ("edit-redo-symbolic", _ ("Redo"), "win.redo"));
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), history);

  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (allocate_content), "list-add-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (allocate_content), _ ("Allocate"));
  adw_split_button_set_child (ADW_SPLIT_BUTTON (allocate), allocate_content);
  tasks = gtk_widget_get_last_child (allocate);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (tasks), open_tasks_cb, allocate, NULL);
  adw_split_button_set_dropdown_tooltip (ADW_SPLIT_BUTTON (allocate), _ ("Map, Load, Start…"));
  /* 1.2 does not name it after its tooltip. */
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (tasks), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Map, Load, Start…"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (allocate), "win.allocate");
  atlas_name_parts (allocate, _ ("Allocate"));
  adw_header_bar_pack_start (ADW_HEADER_BAR (bar), allocate);

  self->title = ADW_WINDOW_TITLE (title);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), title);

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (menu_button), "open-menu-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (menu_button), open_menu_cb, self, NULL);
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (menu_button), TRUE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Main menu"), -1);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), menu_button);

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), _ ("Go to…"));
  gtk_entry_set_icon_from_icon_name (
    GTK_ENTRY (entry), GTK_ENTRY_ICON_PRIMARY, "system-search-symbolic");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), GO_TO_CHARS_MIN);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), GO_TO_CHARS);
  gtk_widget_set_tooltip_text (entry, _ ("Go to address or name"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Go to address or name"), -1);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (go_to_activated_cb), self);
  self->go_to_entry = GTK_EDITABLE (entry);
  adw_header_bar_pack_end (ADW_HEADER_BAR (bar), entry);
  return bar;
}

/* In a narrow window the crumbs before the one that is looked at are scrolled to. */
static GtkWidget *
make_crumbs (AtlasWindow *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (scroller), CRUMBS_WIDTH_MIN_PX);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller),
                                 atlas_breadcrumb_new (self->viewport));
  return scroller;
}

static GtkWidget *
make_place_bar (AtlasWindow *self)
{
  GtkWidget *bar = atlas_line_new (6);
  GtkWidget *travel = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *scale = gtk_label_new ("");
  GtkWidget *zoom = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *panel = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *ruler = atlas_fitting_new (TRUE);
  GtkWidget *words = atlas_fitting_new (TRUE);

  gtk_widget_add_css_class (bar, "place-bar");
  gtk_box_append (GTK_BOX (travel),
                  make_icon_button ("go-previous-symbolic", _ ("Back"), "map.back"));
  gtk_box_append (GTK_BOX (travel),
                  make_icon_button ("go-next-symbolic", _ ("Forward"), "map.forward"));
  gtk_box_append (GTK_BOX (travel),
                  make_icon_button ("go-up-symbolic", _ ("A level up"), "map.level-out"));
  self->bookmark_button = atlas_bookmark_button_new (self->viewport, self->bookmarks);
  gtk_box_append (GTK_BOX (travel), self->bookmark_button);
  atlas_line_append (ATLAS_LINE (bar), travel, 0, ATLAS_LINE_CHILD_WHOLE);
  atlas_line_append (ATLAS_LINE (bar), make_crumbs (self), 1, ATLAS_LINE_CHILD_REST);

  /* Where there is no room for it, the label beside it says the same; and that goes before a crumb
   * does. */
  atlas_fitting_append (ATLAS_FITTING (ruler), atlas_scale_bar_new (self->viewport));
  atlas_line_append (ATLAS_LINE (bar), ruler, 3, ATLAS_LINE_CHILD_WHOLE);
  gtk_widget_add_css_class (scale, "dim-label");
  gtk_widget_add_css_class (scale, "numeric");
  gtk_widget_add_css_class (scale, "caption");
  gtk_label_set_width_chars (GTK_LABEL (scale), 16);
  gtk_label_set_xalign (GTK_LABEL (scale), 1);
  self->scale_label = GTK_LABEL (scale);
  atlas_fitting_append (ATLAS_FITTING (words), scale);
  atlas_line_append (ATLAS_LINE (bar), words, 2, ATLAS_LINE_CHILD_WHOLE);

  gtk_box_append (GTK_BOX (zoom),
                  make_icon_button ("zoom-out-symbolic", _ ("Zoom out"), "map.zoom-out"));
  gtk_box_append (GTK_BOX (zoom),
                  make_icon_button ("zoom-fit-best-symbolic", _ ("Whole space"), "map.whole"));
  gtk_box_append (GTK_BOX (zoom),
                  make_icon_button ("zoom-in-symbolic", _ ("Zoom in"), "map.zoom-in"));
  atlas_line_append (ATLAS_LINE (bar), zoom, 0, ATLAS_LINE_CHILD_WHOLE);
  gtk_box_append (
    GTK_BOX (panel),
    make_icon_button ("sidebar-show-right-symbolic", _ ("Side panel"), "win.toggle-panel"));
  atlas_line_append (ATLAS_LINE (bar), panel, 0, ATLAS_LINE_CHILD_WHOLE);
  return bar;
}

static void
build (AtlasWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *views = atlas_window_make_views (self);
  GtkWidget *pane = atlas_window_make_pane (self, views, atlas_window_make_panel (self));

  gtk_box_append (GTK_BOX (box), make_header_bar (self));
  gtk_box_append (GTK_BOX (box), make_place_bar (self));
  self->find_bar = atlas_find_bar_new (self->viewport);
  gtk_box_append (GTK_BOX (box), self->find_bar);
  gtk_widget_set_vexpand (pane, TRUE);
  gtk_box_append (GTK_BOX (box), atlas_window_make_message_overlay (self, pane));
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), box);
}

static void
layout_setting_changed_cb (AtlasWindow *self)
{
  g_autofree char *layout = g_settings_get_string (self->settings, "map-layout");

  g_action_group_activate_action (self->navigation, "layout", g_variant_new_string (layout));
}

static gboolean
close_request (GtkWindow *window)
{
  if (atlas_window_close_request (window) == GDK_EVENT_STOP)
    return GDK_EVENT_STOP;
  return GTK_WINDOW_CLASS (atlas_window_parent_class)->close_request (window);
}

static void
atlas_window_dispose (GObject *object)
{
  AtlasWindow *self = ATLAS_WINDOW (object);

  g_clear_pointer (&self->autosave, atlas_autosave_free);
  g_clear_handle_id (&self->fold_id, g_source_remove);
  g_clear_handle_id (&self->views_id, g_source_remove);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->chooser);
  g_clear_weak_pointer (&self->laboratory);
  g_clear_object (&self->navigation);
  g_clear_object (&self->comparison);
  g_clear_object (&self->bookmarks);
  g_clear_object (&self->viewport);
  g_clear_object (&self->document);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (atlas_window_parent_class)->dispose (object);
}

static void
atlas_window_finalize (GObject *object)
{
  g_free (ATLAS_WINDOW (object)->last_command);

  G_OBJECT_CLASS (atlas_window_parent_class)->finalize (object);
}

static void
atlas_window_class_init (AtlasWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = close_request;
}

static void
atlas_window_init (AtlasWindow *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->document = atlas_document_new ();
  self->viewport = atlas_viewport_new (self->document);
  self->bookmarks = atlas_bookmarks_new (self->document);
  self->comparison = atlas_comparison_new (self->document);
  self->navigation = atlas_navigation_new (self->viewport);
  atlas_window_add_actions (self);
  build (self);

  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (document_changed_cb), self);
  g_signal_group_connect_swapped (
    self->document_signals, "ran", G_CALLBACK (document_ran_cb), self);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::is-modified", G_CALLBACK (update_title), self);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (viewport_changed_cb), self);
  g_signal_group_set_target (self->document_signals, self->document);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (viewport_changed_cb), self);
  g_signal_group_set_target (self->viewport_signals, self->viewport);

  g_signal_connect_swapped (drop, "drop", G_CALLBACK (atlas_window_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  atlas_window_update_actions (self);
  gtk_widget_grab_focus (self->map_view);
}

GFile *
atlas_window_get_file (AtlasWindow *self)
{
  g_return_val_if_fail (ATLAS_IS_WINDOW (self), NULL);

  return atlas_document_get_file (self->document);
}

AtlasWindow *
atlas_window_new (GtkApplication *application, GSettings *settings)
{
  AtlasWindow *self = g_object_new (ATLAS_TYPE_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (settings);
  self->autosave = atlas_autosave_new (self->document, self->settings);
  atlas_window_show_panel (self, g_settings_get_boolean (self->settings, "show-panel"));
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "is-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_signal_connect_object (self->settings,
                           "changed::map-layout",
                           G_CALLBACK (layout_setting_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  layout_setting_changed_cb (self);
  return self;
}
