/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/comparison.h"
#include "autosave.h"
#include "model/bookmarks.h"
#include "model/export.h"
#include "model/navigation.h"
#include "window.h"

G_BEGIN_DECLS

struct _AtlasWindow
{
  AdwApplicationWindow parent_instance;

  /* owned */
  GSettings *settings;
  AtlasDocument *document;
  AtlasViewport *viewport;
  AtlasBookmarks *bookmarks;
  AtlasComparison *comparison;
  GActionGroup *navigation;
  GSignalGroup *document_signals;
  GSignalGroup *viewport_signals;
  GtkFileChooserNative *chooser; /* while it is shown */
  GtkWindow *laboratory;         /* weak: while it is open */
  AtlasAutosave *autosave;

  /* children's children */
  GtkWidget *message;
  AdwWindowTitle *title;
  GtkEditable *go_to_entry;
  GtkLabel *scale_label;
  GtkWidget *map_view;
  GtkWidget *find_bar;
  GtkWidget *bookmark_button;
  GtkWidget *tables; /* the lens and its heading */
  GtkStack *below_stack;
  GtkStack *bar_stack; /* the bar of each view below */
  GtkBox *pictures;
  GtkWidget *compare_strip;
  GtkWidget *timeline; /* NULL until it is wanted, … */
  GtkWidget *tour_bar; /* … this too */
  GtkStack *panel_stack;
  GtkWidget *panel;
  AdwFlap *flap; /* the pictures and the panel */
  AdwClamp *panel_clamp;

  /* state */
  AtlasExportKind export_kind; /* what the chooser is shown for */
  const char *list_before;     /* the view below that was in front when comparing began */
  char *last_command;          /* owned; NULL before the first one */
  gboolean has_painted;
  guint fold_id;          /* the panel comes or goes with the width of the window */
  guint views_id;         /* makes the views that were not seen yet */
  guint message_position; /* how many commands had run when it came */
  gboolean wants_tables;  /* likewise the page tables */
  gboolean wants_panel;   /* where there is room for it */
  gboolean is_closing;    /* the question about unsaved work was answered */
};

/* The actions that bring a second space beside the first; and what of them is possible now. */
void atlas_window_add_compare_actions (AtlasWindow *self);
void atlas_window_update_compare_actions (AtlasWindow *self);
/* window-views.c: one table of all views. */
GtkWidget *atlas_window_make_views (AtlasWindow *self);
GtkWidget *atlas_window_make_panel (AtlasWindow *self);
GMenu *atlas_window_make_view_menu (void);
/* The view of that name, made if it is not there yet. */
GtkWidget *atlas_window_get_view (AtlasWindow *self, const char *id);
/* Brings the view of that name to the front. */
void atlas_window_show_view (AtlasWindow *self, const char *id);
/* Made when they are first wanted, each in its place among the pictures. */
GtkWidget *atlas_window_get_timeline (AtlasWindow *self);
GtkWidget *atlas_window_get_tour_bar (AtlasWindow *self);
/* While something is compared, what differs is one of the views below, at first in front. */
void atlas_window_update_differences (AtlasWindow *self);
/* The page tables make room for a view that is a picture itself, and in a low window for the other
 * pictures above. */
void atlas_window_update_tables (AtlasWindow *self);
/* Shows or hides them by hand. */
void atlas_window_set_tables_shown (AtlasWindow *self, gboolean is_shown);

/* window-pane.c: how the two share the window. */
GtkWidget *atlas_window_make_pane (AtlasWindow *self, GtkWidget *views, GtkWidget *panel);
void atlas_window_show_panel (AtlasWindow *self, gboolean is_shown);

/* window-tasks.c: what can be done after a few questions. */
void atlas_window_add_task_actions (AtlasWindow *self);
void atlas_window_update_task_actions (AtlasWindow *self);
GMenu *atlas_window_make_task_menu (void);
/* Asks whether to load @file as an image, or to map it, in the dialog that it returns; NULL when it
 * cannot be, which is told. */
GtkWindow *atlas_window_offer_file (AtlasWindow *self, GFile *file, gboolean is_program);

/* window-export.c */
void atlas_window_add_export_actions (AtlasWindow *self);
GMenu *atlas_window_make_export_menu (void);

/* window-files.c */
/* A new window. */
AtlasWindow *atlas_window_open_beside (AtlasWindow *self);
/* This one, or a new one when it holds work that opening would replace. */
AtlasWindow *atlas_window_get_free (AtlasWindow *self);
/* A file was opened or saved: it is a recent one. */
void atlas_window_note_file (AtlasWindow *self, GFile *file);
/* GTK_EVENT_STOP when there is a question first. */
gboolean atlas_window_close_request (GtkWindow *window);

/* window-take.c */
gboolean atlas_window_drop (AtlasWindow *self, const GValue *value);

/* Adds the "win" actions. */
void atlas_window_add_actions (AtlasWindow *self);
/* Actions whose state follows the document. */
void atlas_window_update_actions (AtlasWindow *self);
/* window-message.c */
/* A short message; with @can_undo it offers to undo. */
void atlas_window_show_message (AtlasWindow *self, const char *message, gboolean can_undo);
void atlas_window_add_message_actions (AtlasWindow *self);
/* Puts the place of the messages over @child. */
GtkWidget *atlas_window_make_message_overlay (AtlasWindow *self, GtkWidget *child);
/* Something could not be done: heading and the whole story, in a dialog. */
GtkWindow *atlas_window_show_error (AtlasWindow *self, const char *heading, const char *body);
/* Opens what comes with the program; in a window of its own when this one has unsaved work. */
void atlas_window_open_scenario (AtlasWindow *self, const char *resource_path);
void atlas_window_start_tour (AtlasWindow *self, const char *resource_path);
void atlas_window_show_gallery (AtlasWindow *self);
void atlas_window_show_laboratory (AtlasWindow *self);
/* Goes to what was typed: an address, an expression, or part of a name. */
void atlas_window_go_to (AtlasWindow *self, const char *text);

G_END_DECLS
