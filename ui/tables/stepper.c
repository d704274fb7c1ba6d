/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/stepper.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paint/css-class.h"
#include "paint/empty-label.h"
#include "tables/step-player.h"
#include "tables/step-row.h"
#include "tables/step-words.h"

/* The panel is as wide as its widest page wishes: this one does not wish for more than it needs. */
#define EXPLAIN_WIDTH_CHARS 30

struct _AtlasStepper
{
  GtkWidget parent_instance;

  /* owned */
  AtlasDocument *document;
  GSignalGroup *document_signals;
  AtlasStepPlayer *player;

  /* children's children */
  GtkLabel *title_label;
  GtkLabel *mode_label;
  GtkMenuButton *access_button;
  GtkToggleButton *supervisor_button;
  GtkWidget *run_button;
  GtkListBox *list_box;
  GtkScrolledWindow *scrolled_window;
  guint scroll_tick; /* 0 as long as nothing waits to be scrolled to */
  GtkLabel *explain_label;
  GtkButton *play_button;
  GtkWidget *empty_label;

  /* state */
  gboolean is_updating;
};

typedef enum
{
  PROP_ACCESS = 1, /* "read", "write", "execute" */
  PROP_SPEED,      /* "slow", "normal", "fast" */
  PROP_BACKWARDS,
  PROP_LOOPING,
  N_PROPERTIES,
} AtlasStepperProperty;

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (AtlasStepper, atlas_stepper, GTK_TYPE_WIDGET)

/* Index into atlas_access_choices. */
static guint
get_chosen (AtlasStepper *self)
{
  for (guint i = 0; self->document != NULL && i < ATLAS_N_ACCESS_CHOICES; i++)
    if (atlas_access_choices[i].access == atlas_document_get_access (self->document))
      return i;
  return 0;
}

static void
update_play_button (gpointer user_data)
{
  AtlasStepper *self = user_data;
  gboolean is_playing = atlas_step_player_is_playing (self->player);

  gtk_button_set_icon_name (self->play_button,
                            is_playing ? "media-playback-pause-symbolic"
                                       : "media-playback-start-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_playing ? _ ("Pause") : _ ("Play"),
                                  -1);
}

/* ---- rows -------------------------------------------------------------------------------------
 */

static void
scroll_to_row (AtlasStepper *self, GtkWidget *row)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled_window);
  graphene_rect_t bounds;

  if (gtk_widget_compute_bounds (row, GTK_WIDGET (self->list_box), &bounds))
    gtk_adjustment_clamp_page (
      adjustment, bounds.origin.y, (double) bounds.origin.y + (double) bounds.size.height);
}

/* Rows of a new story have no place before they have been laid out. */
static gboolean
scroll_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  AtlasStepper *self = ATLAS_STEPPER (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list_box);

  if (row != NULL && gtk_widget_get_mapped (widget) &&
      gtk_widget_get_height (GTK_WIDGET (row)) == 0)
    return G_SOURCE_CONTINUE;
  if (row != NULL)
    scroll_to_row (self, GTK_WIDGET (row));
  self->scroll_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
queue_scroll (AtlasStepper *self)
{
  if (self->scroll_tick == 0)
    self->scroll_tick =
      gtk_widget_add_tick_callback (GTK_WIDGET (self), scroll_tick_cb, NULL, NULL);
}

static void
update_step (AtlasStepper *self)
{
  guint step = atlas_document_get_step (self->document);
  guint n_events = atlas_step_player_get_n_steps (self->player);
  g_autofree char *explain = atlas_step_dup_explain (self->document);

  self->is_updating = TRUE;
  for (guint i = 0; i < n_events; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list_box, (int) i);

      atlas_css_class_set (GTK_WIDGET (row), "done", i <= step);
      if (i == step)
        {
          gtk_list_box_select_row (self->list_box, row);
          scroll_to_row (self, GTK_WIDGET (row));
        }
    }
  self->is_updating = FALSE;

  gtk_label_set_label (self->explain_label, explain != NULL ? explain : "");

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.first", step > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.back", step > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.forward", step + 1 < n_events);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.last", step + 1 < n_events);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.play", n_events > 1);
}

static void
update_mode (AtlasStepper *self)
{
  gboolean is_simulation = atlas_document_is_simulation (self->document);

  self->is_updating = TRUE;
  gtk_menu_button_set_label (self->access_button, _ (atlas_access_choices[get_chosen (self)].name));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->access_button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ (atlas_access_choices[get_chosen (self)].name),
                                  -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCESS]);
  gtk_toggle_button_set_active (self->supervisor_button,
                                atlas_document_get_supervisor (self->document));
  self->is_updating = FALSE;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.run", is_simulation);
  gtk_widget_set_tooltip_text (self->run_button,
                               is_simulation
                                 ? _ ("Let the program make this access, faults and all")
                                 : _ ("A dump is a picture of one moment: nothing runs in it"));
}

static void
update_title (AtlasStepper *self)
{
  g_autofree char *title = atlas_step_dup_title (self->document);
  g_autofree char *mode = atlas_step_dup_mode (self->document);

  gtk_label_set_label (self->title_label, title);
  gtk_label_set_label (self->mode_label, mode);
}

static void
update_trace (AtlasStepper *self)
{
  AtlasTrace *trace = atlas_document_get_trace (self->document);
  GtkListBoxRow *row;

  atlas_step_player_stop (self->player);
  self->is_updating = TRUE;
  while ((row = gtk_list_box_get_row_at_index (self->list_box, 0)) != NULL)
    gtk_list_box_remove (self->list_box, GTK_WIDGET (row));
  for (guint i = 0; i < atlas_step_player_get_n_steps (self->player); i++)
    gtk_list_box_append (self->list_box, atlas_step_row_new (atlas_trace_get_event (trace, i)));
  self->is_updating = FALSE;
  gtk_label_set_text (
    GTK_LABEL (self->empty_label),
    atlas_document_explain_nothing (
      self->document,
      atlas_document_get_space (self->document) != NULL &&
          atlas_space_get_control (atlas_document_get_space (self->document)) == NULL
        ? _ ("A walk needs page tables.\nA simulation has them, and an image of physical memory.")
        : _ ("Nothing is selected.\nClick an address on the map or in a list.")));
  gtk_widget_set_visible (self->empty_label, atlas_step_player_get_n_steps (self->player) == 0);
  update_mode (self);
  update_title (self);
  update_step (self);
  queue_scroll (self);
}

/* ---- doing ------------------------------------------------------------------------------------
 */

static const struct
{
  const char *action;
  AtlasStepMove move;
} moves[] = {
  { "step.first", ATLAS_STEP_FIRST },
  { "step.back", ATLAS_STEP_BACK },
  { "step.forward", ATLAS_STEP_FORWARD },
  { "step.last", ATLAS_STEP_LAST },
};

static void
move_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    if (g_str_equal (action_name, moves[i].action))
      atlas_step_player_move (ATLAS_STEPPER (widget)->player, moves[i].move);
}

static void
play_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  atlas_step_player_toggle (ATLAS_STEPPER (widget)->player);
}

static void
run_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  AtlasStepper *self = ATLAS_STEPPER (widget);
  g_autofree char *address = atlas_format_hex (atlas_document_get_selected_va (self->document));
  g_autofree char *command =
    g_strdup_printf ("%s %s%s",
                     atlas_access_choices[get_chosen (self)].verb,
                     address,
                     atlas_document_get_supervisor (self->document) ? " supervisor" : "");

  gtk_widget_activate_action (widget, "win.run", "s", command);
}

static void
row_selected_cb (AtlasStepper *self, GtkListBoxRow *row)
{
  if (row != NULL && !self->is_updating)
    atlas_step_player_go_to (self->player, (guint) gtk_list_box_row_get_index (row));
}

static void
supervisor_toggled_cb (AtlasStepper *self)
{
  if (!self->is_updating)
    atlas_document_set_access (self->document,
                               atlas_document_get_access (self->document),
                               gtk_toggle_button_get_active (self->supervisor_button));
}

/* ---- what the menus choose --------------------------------------------------------------------
 */

static void
atlas_stepper_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  AtlasStepper *self = ATLAS_STEPPER (object);

  switch ((AtlasStepperProperty) prop_id)
    {
    case PROP_ACCESS:
      g_value_set_static_string (value, atlas_access_choices[get_chosen (self)].verb);
      return;
    case PROP_SPEED:
      g_value_set_static_string (value, atlas_step_player_get_speed (self->player));
      return;
    case PROP_BACKWARDS:
      g_value_set_boolean (value, atlas_step_player_get_backwards (self->player));
      return;
    case PROP_LOOPING:
      g_value_set_boolean (value, atlas_step_player_get_looping (self->player));
      return;
    case N_PROPERTIES:
      break;
    }
  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
set_access (AtlasStepper *self, const char *verb)
{
  for (guint i = 0; i < ATLAS_N_ACCESS_CHOICES; i++)
    if (g_str_equal (atlas_access_choices[i].verb, verb))
      atlas_document_set_access (self->document,
                                 atlas_access_choices[i].access,
                                 atlas_document_get_supervisor (self->document));
}

static void
atlas_stepper_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  AtlasStepper *self = ATLAS_STEPPER (object);

  switch ((AtlasStepperProperty) prop_id)
    {
    case PROP_ACCESS:
      set_access (self, g_value_get_string (value));
      return;
    case PROP_SPEED:
      atlas_step_player_set_speed (self->player, g_value_get_string (value));
      return;
    case PROP_BACKWARDS:
      atlas_step_player_set_backwards (self->player, g_value_get_boolean (value));
      return;
    case PROP_LOOPING:
      atlas_step_player_set_looping (self->player, g_value_get_boolean (value));
      return;
    case N_PROPERTIES:
      break;
    }
  G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

/* ---- widget -----------------------------------------------------------------------------------
 */

static GtkButton *
add_transport (GtkWidget *box, const char *icon, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (box), button);
  return GTK_BUTTON (button);
}

/* Menus are made when they are opened: most never are. */
static void
create_access_menu (GtkMenuButton *button, gpointer user_data)
{
  g_autoptr (GMenu) menu = NULL;

  if (gtk_menu_button_get_menu_model (button) != NULL)
    return;
  menu = g_menu_new ();
  for (guint i = 0; i < ATLAS_N_ACCESS_CHOICES; i++)
    {
      g_autofree char *action = g_strdup_printf ("step.access::%s", atlas_access_choices[i].verb);

      g_menu_append (menu, _ (atlas_access_choices[i].name), action);
    }
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

static GtkWidget *
make_head (AtlasStepper *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *modes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new ("");
  GtkWidget *mode = gtk_label_new ("");
  GtkWidget *access = gtk_menu_button_new ();
  GtkWidget *supervisor, *run;

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (title, "numeric");
  gtk_label_set_xalign (GTK_LABEL (mode), 0);
  gtk_label_set_wrap (GTK_LABEL (mode), TRUE);
  gtk_widget_add_css_class (mode, "dim-label");
  gtk_widget_add_css_class (mode, "caption");
  self->title_label = GTK_LABEL (title);
  self->mode_label = GTK_LABEL (mode);

  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (access), create_access_menu, NULL, NULL);
  gtk_menu_button_set_always_show_arrow (GTK_MENU_BUTTON (access), TRUE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (access), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Kind of access"), -1);
  self->access_button = GTK_MENU_BUTTON (access);

  supervisor = gtk_toggle_button_new_with_label (_ ("Supervisor"));
  gtk_widget_set_tooltip_text (supervisor, _ ("Access in kernel mode instead of user mode"));
  g_signal_connect_swapped (supervisor, "toggled", G_CALLBACK (supervisor_toggled_cb), self);
  self->supervisor_button = GTK_TOGGLE_BUTTON (supervisor);

  run = gtk_button_new_with_label (_ ("Run"));
  gtk_widget_set_hexpand (run, TRUE);
  gtk_widget_set_halign (run, GTK_ALIGN_END);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (run), "step.run");
  self->run_button = run;

  gtk_box_append (GTK_BOX (modes), access);
  gtk_box_append (GTK_BOX (modes), supervisor);
  gtk_box_append (GTK_BOX (modes), run);
  gtk_widget_set_margin_top (modes, 6);
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), mode);
  gtk_box_append (GTK_BOX (head), modes);
  return head;
}

static GtkWidget *
make_list (AtlasStepper *self)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *empty = atlas_empty_label_new (NULL);

  gtk_widget_add_css_class (list, "steps");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Steps"), -1);
  g_signal_connect_swapped (list, "row-selected", G_CALLBACK (row_selected_cb), self);
  g_signal_connect_swapped (list, "map", G_CALLBACK (queue_scroll), self);
  self->list_box = GTK_LIST_BOX (list);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  self->scrolled_window = GTK_SCROLLED_WINDOW (scrolled);
  gtk_widget_set_vexpand (overlay, TRUE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scrolled);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), empty);
  self->empty_label = empty;
  return overlay;
}

static GtkWidget *
make_explain (AtlasStepper *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_width_chars (GTK_LABEL (label), EXPLAIN_WIDTH_CHARS);
  gtk_label_set_max_width_chars (GTK_LABEL (label), EXPLAIN_WIDTH_CHARS);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "explain");
  self->explain_label = GTK_LABEL (label);
  /* A fixed height: the list above must not move as the text changes. */
  gtk_widget_set_size_request (scrolled, -1, 140);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), label);
  return scrolled;
}

static void
create_play_menu (GtkMenuButton *button, gpointer user_data)
{
  g_autoptr (GMenuModel) menu = NULL;

  if (gtk_menu_button_get_menu_model (button) != NULL)
    return;
  menu = atlas_step_player_create_menu ();
  gtk_menu_button_set_menu_model (button, menu);
}

static GtkWidget *
make_play_options (void)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), create_play_menu, NULL, NULL);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("How it plays"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("How it plays"), -1);
  return button;
}

static GtkWidget *
make_transport (AtlasStepper *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *step = gtk_button_new_with_label (_ ("Step"));

  add_transport (box, "go-first-symbolic", _ ("First step"), "step.first");
  add_transport (box, "go-previous-symbolic", _ ("Step back"), "step.back");
  gtk_widget_add_css_class (step, "suggested-action");
  gtk_widget_set_hexpand (step, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (step), "step.forward");
  gtk_box_append (GTK_BOX (box), step);
  add_transport (box, "go-last-symbolic", _ ("Last step"), "step.last");
  self->play_button = add_transport (box, "media-playback-start-symbolic", _ ("Play"), "step.play");
  gtk_box_append (GTK_BOX (box), make_play_options ());
  return box;
}

static void
atlas_stepper_dispose (GObject *object)
{
  AtlasStepper *self = ATLAS_STEPPER (object);
  GtkWidget *child;

  g_clear_pointer (&self->player, atlas_step_player_free);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->document);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (atlas_stepper_parent_class)->dispose (object);
}

static void
atlas_stepper_class_init (AtlasStepperClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->dispose = atlas_stepper_dispose;
  G_OBJECT_CLASS (klass)->get_property = atlas_stepper_get_property;
  G_OBJECT_CLASS (klass)->set_property = atlas_stepper_set_property;
  properties[PROP_ACCESS] =
    g_param_spec_string ("access", NULL, NULL, NULL, flags | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_SPEED] = g_param_spec_string ("speed", NULL, NULL, NULL, flags);
  properties[PROP_BACKWARDS] = g_param_spec_boolean ("backwards", NULL, NULL, FALSE, flags);
  properties[PROP_LOOPING] = g_param_spec_boolean ("looping", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  gtk_widget_class_install_property_action (widget_class, "step.access", "access");
  gtk_widget_class_install_property_action (widget_class, "step.speed", "speed");
  gtk_widget_class_install_property_action (widget_class, "step.backwards", "backwards");
  gtk_widget_class_install_property_action (widget_class, "step.loop", "looping");
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_install_action (widget_class, moves[i].action, NULL, move_action);
  gtk_widget_class_install_action (widget_class, "step.play", NULL, play_action);
  gtk_widget_class_install_action (widget_class, "step.run", NULL, run_action);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "stepper");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
atlas_stepper_init (AtlasStepper *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  self->player = atlas_step_player_new (update_play_button, self);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Walk"), -1);
  gtk_widget_set_parent (make_head (self), GTK_WIDGET (self));
  gtk_widget_set_parent (make_list (self), GTK_WIDGET (self));
  gtk_widget_set_parent (gtk_separator_new (GTK_ORIENTATION_HORIZONTAL), GTK_WIDGET (self));
  gtk_widget_set_parent (make_explain (self), GTK_WIDGET (self));
  gtk_widget_set_parent (make_transport (self), GTK_WIDGET (self));
}

GtkWidget *
atlas_stepper_new (AtlasDocument *document)
{
  AtlasStepper *self = g_object_new (ATLAS_TYPE_STEPPER, NULL);

  self->document = g_object_ref (document);
  atlas_step_player_set_document (self->player, document);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::trace", G_CALLBACK (update_trace), self);
  /* A dump has no story before and none after: still, nothing runs in it. */
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (update_mode), self);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::step", G_CALLBACK (update_step), self);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (update_title), self);
  g_signal_group_set_target (self->document_signals, document);
  update_trace (self);
  return GTK_WIDGET (self);
}
