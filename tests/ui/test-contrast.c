/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Every text of every view and dialog, as it is painted, against what is painted behind it: WCAG
 * 2.1, 1.4.3 asks for 4.5 to 1. Light and dark; with ADW_DEBUG_HIGH_CONTRAST=1 in the environment
 * both of high contrast. What cannot be used is greyed and exempt. */

#include <glib/gi18n.h>

#include "find-widget.h"
#include "paint/palette.h"
#include "whole-window.h"

#define WIDTH_PX 1300
#define HEIGHT_PX 800
#define LEAST_RATIO 4.5
/* Of a text only what is seen of it counts; less is an edge. */
#define LEAST_SIDE_PX 4.0f
/* A picture's channels have 256 steps. */
#define RATIO_EPSILON 0.02

static AtlasApplication *application;
static GtkWindow *window;

/* ---- what is painted --------------------------------------------------------------------------
 */

typedef struct
{
  GdkTexture *texture;
  guint8 *pixels;
  gsize stride;
  GtkWindow *window;
  const char *state;
  GHashTable *told;
  GString *wrong;
} Picture;

/* What holds for the nodes below one. */
typedef struct
{
  GskTransform *transform; /* not owned */
  graphene_rect_t clip;
  float opacity;
} Place;

static int
compare_pixels (gconstpointer a, gconstpointer b)
{
  guint32 pixel_a = *(const guint32 *) a, pixel_b = *(const guint32 *) b;

  return (pixel_a > pixel_b) - (pixel_a < pixel_b);
}

/* The colour that most pixels have: letters are thin. */
static AtlasRgba
find_background (const Picture *picture, const graphene_rect_t *bounds)
{
  int left_px = (int) bounds->origin.x, top_px = (int) bounds->origin.y;
  int right_px = left_px + (int) bounds->size.width;
  int bottom_px = top_px + (int) bounds->size.height;
  g_autoptr (GArray) pixels = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n_most = 0, n_same = 0;
  guint32 most = 0;

  for (int y_px = top_px; y_px < bottom_px; y_px++)
    g_array_append_vals (pixels,
                         picture->pixels + (gsize) y_px * picture->stride + (gsize) left_px * 4,
                         (guint) (right_px - left_px));
  g_array_sort (pixels, compare_pixels);
  for (guint i = 0; i < pixels->len; i++)
    {
      guint32 pixel = g_array_index (pixels, guint32, i);

      n_same = i > 0 && pixel == g_array_index (pixels, guint32, i - 1u) ? n_same + 1u : 1u;
      if (n_same > n_most)
        {
          n_most = n_same;
          most = pixel;
        }
    }
  return (AtlasRgba){
    (most >> 16 & 0xff) / 255.0f, (most >> 8 & 0xff) / 255.0f, (most & 0xff) / 255.0f, 1.0f
  };
}

static AtlasRgba
blend (const GdkRGBA *color, float opacity, AtlasRgba behind)
{
  float alpha = color->alpha * opacity;

  return (AtlasRgba){ color->red * alpha + behind.red * (1.0f - alpha),
                      color->green * alpha + behind.green * (1.0f - alpha),
                      color->blue * alpha + behind.blue * (1.0f - alpha),
                      1.0f };
}

static const char *
get_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  if (GTK_IS_INSCRIPTION (widget))
    return gtk_inscription_get_text (GTK_INSCRIPTION (widget));
  if (GTK_IS_TEXT (widget))
    return gtk_editable_get_text (GTK_EDITABLE (widget));
  return "";
}

static void
tell (Picture *picture,
      const graphene_rect_t *bounds,
      AtlasRgba text,
      AtlasRgba behind,
      double ratio)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (picture->window),
                                       (double) (bounds->origin.x + bounds->size.width / 2.0f),
                                       (double) (bounds->origin.y + bounds->size.height / 2.0f),
                                       GTK_PICK_INSENSITIVE | GTK_PICK_NON_TARGETABLE);
  g_autofree char *key = NULL;

  if (widget == NULL)
    widget = GTK_WIDGET (picture->window);
  key = g_strdup_printf ("%s “%.24s” #%02x%02x%02x on #%02x%02x%02x",
                         gtk_widget_get_css_name (widget),
                         get_text (widget),
                         (guint) (text.red * 255.0f),
                         (guint) (text.green * 255.0f),
                         (guint) (text.blue * 255.0f),
                         (guint) (behind.red * 255.0f),
                         (guint) (behind.green * 255.0f),
                         (guint) (behind.blue * 255.0f));
  /* Once in all views. */
  if (!g_hash_table_contains (picture->told, key))
    g_string_append_printf (picture->wrong,
                            "\n%.2f %s: %s at %g, %g",
                            ratio,
                            picture->state,
                            key,
                            (double) bounds->origin.x,
                            (double) bounds->origin.y);
  g_hash_table_add (picture->told, g_steal_pointer (&key));
}

static void
check_text (Picture *picture, GskRenderNode *node, const Place *place)
{
  const GdkRGBA *color = gsk_text_node_get_color (node);
  graphene_rect_t bounds, seen;
  AtlasRgba behind, text;
  double ratio;

  gsk_render_node_get_bounds (node, &bounds);
  gsk_transform_transform_bounds (place->transform, &bounds, &bounds);
  /* Of chosen text the theme draws the letters as they were, and once more as nothing. */
  if (color->alpha == 0.0f || !graphene_rect_intersection (&bounds, &place->clip, &seen))
    return;
  graphene_rect_round_extents (&seen, &seen);
  if (!graphene_rect_intersection (&seen, &place->clip, &seen) || seen.size.width < LEAST_SIDE_PX ||
      seen.size.height < LEAST_SIDE_PX)
    return;
  behind = find_background (picture, &seen);
  text = blend (color, place->opacity, behind);
  ratio = atlas_rgba_contrast (text, behind);
  if (ratio + RATIO_EPSILON < LEAST_RATIO)
    tell (picture, &seen, text, behind, ratio);
}

static void check_node (Picture *picture, GskRenderNode *node, Place place);

static void
check_clipped (Picture *picture, GskRenderNode *node, Place place, const graphene_rect_t *clip)
{
  graphene_rect_t bounds;

  gsk_transform_transform_bounds (place.transform, clip, &bounds);
  if (graphene_rect_intersection (&bounds, &place.clip, &place.clip))
    check_node (picture, node, place);
}

static void
check_node (Picture *picture, GskRenderNode *node, Place place)
{
  g_autoptr (GskTransform) transform = NULL;

  switch ((guint) gsk_render_node_get_node_type (node))
    {
    case GSK_TEXT_NODE:
      check_text (picture, node, &place);
      break;
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        check_node (picture, gsk_container_node_get_child (node, i), place);
      break;
    case GSK_TRANSFORM_NODE:
      transform = gsk_transform_transform (gsk_transform_ref (place.transform),
                                           gsk_transform_node_get_transform (node));
      place.transform = transform;
      check_node (picture, gsk_transform_node_get_child (node), place);
      break;
    case GSK_OPACITY_NODE:
      place.opacity *= gsk_opacity_node_get_opacity (node);
      check_node (picture, gsk_opacity_node_get_child (node), place);
      break;
    case GSK_CLIP_NODE:
      check_clipped (picture, gsk_clip_node_get_child (node), place, gsk_clip_node_get_clip (node));
      break;
    case GSK_ROUNDED_CLIP_NODE:
      check_clipped (picture,
                     gsk_rounded_clip_node_get_child (node),
                     place,
                     &gsk_rounded_clip_node_get_clip (node)->bounds);
      break;
    case GSK_SHADOW_NODE:
      check_node (picture, gsk_shadow_node_get_child (node), place);
      break;
    case GSK_DEBUG_NODE:
      check_node (picture, gsk_debug_node_get_child (node), place);
      break;
    default:
      /* No text, or under a colour filter: what is greyed for being of no use now. */
      break;
    }
}

static void
check_window (GtkWindow *checked, const char *state, GHashTable *told, GString *wrong)
{
  int width_px = gtk_widget_get_width (GTK_WIDGET (checked));
  int height_px = gtk_widget_get_height (GTK_WIDGET (checked));
  GskRenderNode *node = paint (GTK_WIDGET (checked));
  Picture picture = { .window = checked, .state = state, .told = told, .wrong = wrong };
  Place place = { .opacity = 1.0f };

  graphene_rect_init (&place.clip, 0, 0, (float) width_px, (float) height_px);
  picture.texture =
    gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (checked)), node, &place.clip);
  picture.stride = (gsize) width_px * 4;
  picture.pixels = g_malloc0 (picture.stride * (gsize) height_px);
  gdk_texture_download (picture.texture, picture.pixels, picture.stride);
  check_node (&picture, node, place);
  gsk_render_node_unref (node);
  g_object_unref (picture.texture);
  g_free (picture.pixels);
}

/* ---- what is looked at ------------------------------------------------------------------------
 */

static void
activate (const char *action, const char *parameter)
{
  GActionGroup *group =
    g_str_has_prefix (action, "app.") ? G_ACTION_GROUP (application) : G_ACTION_GROUP (window);

  g_action_group_activate_action (
    group, strchr (action, '.') + 1, parameter != NULL ? g_variant_new_string (parameter) : NULL);
}

/* What an action brings up, in the window or beside it. */
typedef struct
{
  const char *action;
  const char *parameter;
} State;

static const State states[] = {
  { "win.show-page", "walk" },    { "win.show-page", "entry" },
  { "win.show-page", "region" },  { "win.show-page", "events" },
  { "win.show-page", "regions" }, { "win.show-page", "vads" },
  { "win.show-page", "frames" },  { "win.show-page", "working-set" },
  { "win.show-page", "tlb" },     { "win.show-page", "sections" },
  { "win.show-page", "room" },    { "win.show-page", "console" },
  { "win.show-page", "regions" }, { "win.show-page", "walk" },
  { "win.show-heat", NULL },      { "win.show-heat", NULL },
  { "win.timeline", NULL },       { "win.timeline", NULL },
  { "win.find", NULL },           { "win.compare-start", NULL },
  { "win.stop-comparing", NULL }, { "win.gallery", NULL },
  { "win.laboratory", NULL },     { "win.allocate", NULL },
  { "win.map-section", NULL },    { "win.map-file", NULL },
  { "win.load-image", NULL },     { "win.start-process", NULL },
  { "win.choose-process", NULL }, { "win.let-time-pass", NULL },
  { "win.palette", NULL },        { "app.preferences", NULL },
  { "app.about", NULL },          { "win.show-help-overlay", NULL },
};

static void
check_scheme (AdwColorScheme scheme, GHashTable *told, GString *wrong)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autoptr (GListModel) windows = g_object_ref (gtk_window_get_toplevels ());
      g_autofree char *name =
        g_strdup_printf ("%s %s%s%s",
                         scheme == ADW_COLOR_SCHEME_FORCE_DARK ? "dark" : "light",
                         states[i].action,
                         states[i].parameter != NULL ? " " : "",
                         states[i].parameter != NULL ? states[i].parameter : "");

      activate (states[i].action, states[i].parameter);
      pass_time (300);
      for (guint j = g_list_model_get_n_items (windows); j > 0; j--)
        {
          g_autoptr (GtkWindow) other = g_list_model_get_item (windows, j - 1u);

          if (!gtk_widget_get_mapped (GTK_WIDGET (other)))
            continue;
          check_window (other, name, told, wrong);
          if (other != window)
            gtk_window_close (other);
        }
      pass_time (50);
    }
}

static gboolean
is_laid_out (gpointer user_data)
{
  return gtk_widget_get_width (user_data) > WIDTH_PX * 9 / 10;
}

static void
test_every_text_can_be_read (void)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) wrong = g_string_new (NULL);

  gtk_window_set_default_size (window, WIDTH_PX, HEIGHT_PX);
  g_assert_true (wait_until (is_laid_out, window));
  check_scheme (ADW_COLOR_SCHEME_FORCE_LIGHT, told, wrong);
  check_scheme (ADW_COLOR_SCHEME_FORCE_DARK, told, wrong);
  if (wrong->len > 0)
    {
      g_test_message ("%s", wrong->str + 1);
      g_test_fail ();
    }
}

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = open_application ();
  /* Half a movement is no state to look at. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  window = open_window (application);

  g_test_add_func ("/contrast/every-text-can-be-read", test_every_text_can_be_read);
  status = g_test_run ();
  gtk_window_destroy (window);
  g_object_unref (application);
  return status;
}
