/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <glib/gi18n.h>

/* Single letters belong to the map alone; see ui/map/map-view.c. */
static const AtlasProgramCommand commands[] = {
  { "win.palette", N_ ("Find a Command"), { "<Control>k", "<Control><Shift>p" } },
  { "win.open", N_ ("Open"), { "<Control>o" } },
  { "app.new-window", N_ ("New Window"), { "<Control>n" } },
  { "win.save", N_ ("Save"), { "<Control>s" } },
  { "win.save-as", N_ ("Save As"), { "<Control><Shift>s" } },
  { "window.close", N_ ("Close the Window"), { "<Control>w" } },
  { "app.quit", N_ ("Quit"), { "<Control>q" } },
  { "win.undo", N_ ("Undo"), { "<Control>z" } },
  { "win.redo", N_ ("Redo"), { "<Control><Shift>z", "<Control>y" } },
  { "win.allocate", N_ ("Allocate"), { "<Control>Return" } },
  { "win.copy-address", N_ ("Copy the Address"), { NULL } },
  { "win.copy-command", N_ ("Copy the Last Command"), { "<Control><Shift>c" } },
  { "win.go-to", N_ ("Go to an Address or Name"), { "<Control>l" } },
  { "win.find-region", N_ ("Filter the Regions"), { "<Control>f" } },
  { "win.gallery", N_ ("Tours and Scenarios"), { "F1" } },
  { "win.step-forward", N_ ("Step"), { "F10" } },
  { "win.step-back", N_ ("Step Back"), { "<Shift>F10" } },
  { "win.show-page::walk", N_ ("Show the Walk"), { "<Control>1" } },
  { "win.show-page::entry", N_ ("Show the Entry"), { "<Control>2" } },
  { "win.show-page::region", N_ ("Show the Region"), { "<Control>3" } },
  { "win.show-page::events", N_ ("Show the Events"), { "<Control>4" } },
  { "win.show-page::regions", N_ ("Show the Regions"), { "<Control>5" } },
  { "win.show-page::vads", N_ ("Show the VAD Tree"), { "<Control>6" } },
  { "win.show-page::tlb", N_ ("Show the TLB"), { "<Control>7" } },
  { "win.show-page::frames", N_ ("Show the Frames"), { "<Control>8" } },
  { "win.show-page::sections", N_ ("Show the Sections"), { NULL } },
  { "win.show-page::room", N_ ("Show the Room"), { NULL } },
  { "win.show-page::console", N_ ("Show the Console"), { "<Control>grave", "<Control>9" } },
  { "win.show-tables", N_ ("Show or Hide the Page Tables"), { "<Shift>F9" } },
  { "win.laboratory", N_ ("ASLR Laboratory"), { "F7" } },
  { "win.timeline", N_ ("Show or Hide the Timeline"), { "F8" } },
  { "win.compare-now", N_ ("Compare with This Moment"), { "<Control>d" } },
  { "win.compare-start", N_ ("Compare with the Start of the Session"), { NULL } },
  { "win.compare-process", N_ ("Compare with the Next Process"), { NULL } },
  { "win.compare-file", N_ ("Compare with a File"), { NULL } },
  { "win.stop-comparing", N_ ("Stop Comparing"), { NULL } },
  { "win.toggle-panel", N_ ("Show or Hide the Side Panel"), { "F9" } },
  { "map.zoom-in", N_ ("Zoom In"), { "<Control>plus", "<Control>equal" } },
  { "map.zoom-out", N_ ("Zoom Out"), { "<Control>minus" } },
  { "map.whole", N_ ("Show the Whole Space"), { "<Control>0" } },
  { "map.back", N_ ("Go Back"), { "<Alt>Left" } },
  { "map.forward", N_ ("Go Forward"), { "<Alt>Right" } },
  { "map.level-out", N_ ("A Table Level Out"), { "<Alt>Up" } },
  { "map.level-in", N_ ("A Table Level In"), { "<Alt>Down" } },
  { "map.layout::collapsed", N_ ("Map: Gaps Collapsed"), { "<Alt>1" } },
  { "map.layout::linear", N_ ("Map: True to Scale"), { "<Alt>2" } },
  { "map.layout::hilbert", N_ ("Map: Area along a Hilbert Curve"), { "<Alt>3" } },
  { "map.whole-space", N_ ("Kernel Half Too"), { NULL } },
  { "app.color-scheme::default", N_ ("Colours of the System"), { NULL } },
  { "app.color-scheme::light", N_ ("Light Colours"), { NULL } },
  { "app.color-scheme::dark", N_ ("Dark Colours"), { NULL } },
  { "app.preferences", N_ ("Preferences"), { "<Control>comma" } },
  { "win.show-help-overlay", N_ ("Keyboard Shortcuts"), { NULL } },
  { "app.about", N_ ("About VM Atlas"), { NULL } },
};

const AtlasProgramCommand *
atlas_program_get_commands (guint *n_commands)
{
  *n_commands = G_N_ELEMENTS (commands);
  return commands;
}
