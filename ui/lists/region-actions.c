/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-actions.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/region-item.h"
#include "lists/region-operation.h"
#include "model/notation.h"
#include "paint/accessible-name.h"

#define TARGET_KEY "atlas-region-target"

/* What the actions of a widget are about. */
typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
  GtkSelectionModel *selection;
} Target;

static void
target_free (gpointer data)
{
  Target *target = data;

  g_object_unref (target->document);
  g_object_unref (target->viewport);
  g_object_unref (target->selection);
  g_free (target);
}

static Target *
get_target (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), TARGET_KEY);
}

static void
action_fit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  Target *target = get_target (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (target->document);

  if (region != NULL)
    atlas_viewport_fit (target->viewport, region->base_va, atlas_region_get_last_va (region));
}

static void
action_copy_address (GtkWidget *widget, const char *action, GVariant *parameter)
{
  Target *target = get_target (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (target->document);
  g_autofree char *text = NULL;

  if (region == NULL)
    return;

  text = atlas_format_va (region->base_va);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
action_copy_row (GtkWidget *widget, const char *action, GVariant *parameter)
{
  Target *target = get_target (widget);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (target->selection);
  g_autoptr (GString) text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      g_autoptr (AtlasRegionItem) item =
        g_list_model_get_item (G_LIST_MODEL (target->selection), position);
      g_autofree char *row = atlas_region_format_row (atlas_region_item_get_region (item));

      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, row);
    }
  if (text->len > 0)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
run_operation (GtkWidget *widget, AtlasRegionOperation operation, guint protection)
{
  Target *target = get_target (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (target->document);
  g_autofree char *command = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (region == NULL)
    return;

  command = atlas_region_operation_format (
    operation, region, atlas_document_get_selected_va (target->document), protection);
  /* What became of it is told to everybody by the document's "ran". */
  result = atlas_document_run (target->document, command, &error);
  if (result == NULL)
    g_warning ("%s: %s", command, error->message);
}

static void
action_commit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  Target *target = get_target (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (target->document);

  if (region != NULL)
    run_operation (widget, ATLAS_OPERATION_COMMIT, atlas_protection_choice_suggest (region));
}

static void
action_decommit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  run_operation (widget, ATLAS_OPERATION_DECOMMIT, 0);
}

static void
action_release (GtkWidget *widget, const char *action, GVariant *parameter)
{
  run_operation (widget, ATLAS_OPERATION_RELEASE, 0);
}

static void
action_protect (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint protection = g_variant_get_uint32 (parameter);

  if (protection < ATLAS_N_PROTECTION_CHOICES)
    run_operation (widget, ATLAS_OPERATION_PROTECT, protection);
}

static void
action_allocate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  Target *target = get_target (widget);

  /* The window asks how much; 0 leaves the size to its dialog. */
  gtk_widget_activate_action (widget,
                              "win.allocate-at",
                              "(tt)",
                              atlas_document_get_selected_va (target->document),
                              G_GUINT64_CONSTANT (0));
}

static const struct
{
  const char *name;
  const char *parameter_type;
  GtkWidgetActionActivateFunc activate;
} actions[] = {
  { "region.fit", NULL, action_fit },
  { "region.copy-address", NULL, action_copy_address },
  { "region.copy-row", NULL, action_copy_row },
  { "region.allocate", NULL, action_allocate },
  { "region.commit", NULL, action_commit },
  { "region.decommit", NULL, action_decommit },
  { "region.release", NULL, action_release },
  { "region.protect", "u", action_protect },
};

void
atlas_region_actions_install (GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (
      widget_class, actions[i].name, actions[i].parameter_type, actions[i].activate);
  gtk_widget_class_add_binding_action (
    widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "region.copy-row", NULL);
}

void
atlas_region_actions_bind (GtkWidget *widget, AtlasViewport *viewport, GtkSelectionModel *selection)
{
  Target *target;

  g_return_if_fail (GTK_IS_WIDGET (widget) && ATLAS_IS_VIEWPORT (viewport));
  g_return_if_fail (GTK_IS_SELECTION_MODEL (selection));

  target = g_new (Target, 1);
  target->document = g_object_ref (atlas_viewport_get_document (viewport));
  target->viewport = g_object_ref (viewport);
  target->selection = g_object_ref (selection);
  g_object_set_data_full (G_OBJECT (widget), TARGET_KEY, target, target_free);
}

void
atlas_region_actions_update (GtkWidget *widget)
{
  static const struct
  {
    const char *action;
    AtlasRegionOperation operation;
  } operations[] = {
    { "region.allocate", ATLAS_OPERATION_ALLOCATE }, { "region.commit", ATLAS_OPERATION_COMMIT },
    { "region.decommit", ATLAS_OPERATION_DECOMMIT }, { "region.release", ATLAS_OPERATION_RELEASE },
    { "region.protect", ATLAS_OPERATION_PROTECT },
  };
  AtlasDocument *document = get_target (widget)->document;
  gboolean has_region = atlas_document_get_selected_region (document) != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    gtk_widget_action_set_enabled (
      widget,
      operations[i].action,
      atlas_region_operation_refuse (operations[i].operation, document) == NULL);
  gtk_widget_action_set_enabled (widget, "region.fit", has_region);
  gtk_widget_action_set_enabled (widget, "region.copy-address", has_region);
  gtk_widget_action_set_enabled (widget, "region.copy-row", has_region);
}

GMenuModel *
atlas_region_actions_make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) look = g_menu_new ();
  g_autoptr (GMenu) operate = g_menu_new ();
  g_autoptr (GMenu) notations = atlas_notation_make_menu ();
  g_autoptr (GMenu) protect = g_menu_new ();

  g_menu_append (look, _ ("_Fit in View"), "region.fit");
  g_menu_append (look, _ ("Copy _Address"), "region.copy-address");
  g_menu_append_submenu (look, _ ("Copy A_ddress As"), G_MENU_MODEL (notations));
  g_menu_append (look, _ ("C_opy Row"), "region.copy-row");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (look));

  for (guint i = 0; i < ATLAS_N_PROTECTION_CHOICES; i++)
    {
      g_autofree char *label = atlas_name_as_label (atlas_protection_choice_get (i)->name);
      g_autofree char *action = g_strdup_printf ("region.protect(uint32 %u)", i);

      g_menu_append (protect, label, action);
    }
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_ALLOCATE), "region.allocate");
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_COMMIT), "region.commit");
  g_menu_append_submenu (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_PROTECT), G_MENU_MODEL (protect));
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_DECOMMIT), "region.decommit");
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_RELEASE), "region.release");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (operate));
  return G_MENU_MODEL (menu);
}
