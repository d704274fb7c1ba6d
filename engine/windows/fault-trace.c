/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/fault-trace.h"

#include <glib/gi18n-lib.h>

#include "paging/events.h"
#include "paging/walk.h"
#include "windows/frames.h"
#include "windows/pte.h"
#include "windows/status.h"
#include "windows/vad.h"

static char *
format_access (guint64 value)
{
  return g_strdup (atlas_access_get_name ((AtlasAccess) value));
}

static char *
format_vad_kind (guint64 value)
{
  return g_strdup (atlas_vad_kind_get_name ((AtlasVadKind) value));
}

/* 0x1a2b: frame numbers, always in hex. */
static char *
format_frame (guint64 value)
{
  return atlas_trace_format_hex (value);
}

static char *
format_use (guint64 value)
{
  return g_strdup (atlas_frame_use_get_name ((AtlasFrameUse) value));
}

/* A borrowed string (GQuark), for names that outlive the process. */
static char *
format_quark (guint64 value)
{
  return g_strdup (g_quark_to_string ((GQuark) value));
}

const AtlasTraceKind atlas_event_access_start = {
  .id = "access-start",
  .role = ATLAS_TRACE_ROLE_START,
  .title = "{access} {va}",
  .detail = N_ ("{size}, {mode} mode"),
  .explain =
    N_ ("The program wants to {access} {size} at {va}. The processor must first find the physical "
        "address behind it."),
  .fields = { { "access", format_access },
              { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "mode", atlas_trace_format_literal } },
};

const AtlasTraceKind atlas_event_vad_found = {
  .id = "vad-found",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("VAD tree"),
  .detail = N_ ("{n_compared} nodes compared → {name}, {protection}"),
  .explain =
    N_ ("The page tables do not answer the fault, so Windows looks the address up in its own "
        "list: the tree of {n_nodes} address ranges (VADs) of this process. After {n_compared} "
        "comparisons it finds {first} … {last}: {kind} memory, {protection}."),
  .fields = { { "va", atlas_trace_format_va },
              { "n_compared", atlas_trace_format_decimal },
              { "first", atlas_trace_format_va },
              { "last", atlas_trace_format_va },
              { "kind", format_vad_kind },
              { "protection", atlas_trace_format_protection },
              { "name", format_quark },
              { "n_nodes", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_vad_missing = {
  .id = "vad-missing",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("VAD tree"),
  .detail = N_ ("{n_compared} nodes compared → none"),
  .explain =
    N_ ("No range of this process holds {va}: after {n_compared} comparisons in the tree of "
        "{n_nodes} address ranges (VADs) it is certain that nobody has reserved this address."),
  .fields = { { "va", atlas_trace_format_va },
              { "n_compared", atlas_trace_format_decimal },
              { "n_nodes", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_demand_zero = {
  .id = "demand-zero",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("Demand zero"),
  .detail = N_ ("committed, {protection}, never touched"),
  .explain =
    N_ ("The page at {va} is committed but has no memory yet: that comes with the first touch. "
        "Windows promises that it starts out as zeros, so no other program's data shows."),
  .fields = { { "va", atlas_trace_format_va },
              { "pte", atlas_trace_format_entry },
              { "protection", atlas_trace_format_protection } },
};

const AtlasTraceKind atlas_event_prototype = {
  .id = "prototype",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("Prototype"),
  .detail = N_ ("page {page} of {section} {subsection}"),
  .explain =
    N_ ("This range is a view of {section}. Its page {page} has one prototype entry, shared by "
        "all processes that view it: whichever of them comes first brings the page in, the "
        "others find it there."),
  .fields = { { "page", atlas_trace_format_hex },
              { "section", format_quark },
              { "subsection", format_quark },
              { "protection", atlas_trace_format_protection } },
};

const AtlasTraceKind atlas_event_frame_taken = {
  .id = "frame-taken",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Frame {pfn}"),
  .detail = N_ ("{list} → active; {n_left} zeroed frames left"),
  .explain =
    N_ ("Frame {pfn} of physical memory leaves the list of {list} frames and becomes active."),
  .fields = { { "pfn", format_frame },
              { "list", atlas_trace_format_literal },
              { "n_left", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_block_taken = {
  .id = "block-taken",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Frames side by side"),
  .detail = N_ ("{first} to {last}, for 64 KB from {va}"),
  .explain =
    N_ ("The allocation was asked for in pages of 64 KB. The processor has no entry of that size; "
        "Windows finds sixteen frames side by side, {first} to {last}, and fills in all sixteen "
        "entries of 4 KB from {va} on, though only one page was touched."),
  .fields = { { "first", format_frame },
              { "last", format_frame },
              { "va", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_frame_shared = {
  .id = "frame-shared",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Frame {pfn}"),
  .detail = N_ ("{list} → active, share count {share_count}"),
  .explain =
    N_ ("The page is in physical memory already, in frame {pfn}: nothing is read from disk. "
        "This makes it a soft fault. {share_count} page-table entries name the frame now."),
  .fields = { { "pfn", format_frame },
              { "list", atlas_trace_format_literal },
              { "share_count", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_page_fixed_up = {
  .id = "page-fixed-up",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Page fixed up"),
  .detail = N_ ("page {page} of {section} → private frame {pfn}"),
  .explain = N_ (
    "Page {page} of {section} holds other bytes in this process than elsewhere: addresses in it "
    "have to be moved with the image, or fields changed for another processor. Windows reads it "
    "into frame {pfn}, changes it, and no other process shares it."),
  .fields = { { "page", atlas_trace_format_hex },
              { "section", format_quark },
              { "pfn", format_frame } },
};

const AtlasTraceKind atlas_event_page_read = {
  .id = "page-read",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Page read"),
  .detail = N_ ("page {page} of {section} → frame {pfn}"),
  .explain =
    N_ ("Page {page} of {section} is in no frame, so Windows reads it from the file into frame "
        "{pfn} while the thread waits: a hard fault, thousands of times slower than a soft one."),
  .fields = { { "page", atlas_trace_format_hex },
              { "section", format_quark },
              { "pfn", format_frame } },
};

const AtlasTraceKind atlas_event_frame_resumed = {
  .id = "frame-resumed",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Frame {pfn}"),
  .detail = N_ ("{list} → active"),
  .explain =
    N_ ("The entry is in transition: the page's bytes are still in frame {pfn}. Windows takes "
        "it back from the {list} list; nothing is copied or read."),
  .fields = { { "pfn", format_frame }, { "list", atlas_trace_format_literal } },
};

const AtlasTraceKind atlas_event_slot_read = {
  .id = "slot-read",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Page read"),
  .detail = N_ ("slot {slot} of paging file {file} → frame {pfn}"),
  .explain = N_ (
    "The entry names a place on disk: slot {slot} of paging file {file}. Windows reads the page "
    "from there into frame {pfn} while the thread waits: a hard fault. The slot keeps its copy "
    "until the page is written again."),
  .fields = { { "slot", atlas_trace_format_hex },
              { "file", atlas_trace_format_decimal },
              { "pfn", format_frame } },
};

const AtlasTraceKind atlas_event_read_failed = {
  .id = "read-failed",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Read failed"),
  .detail = "{status}",
  .explain =
    N_ ("The page at {va} is on disk, and the disk cannot read it: {status}. The program gets "
        "an in-page error that carries this status as its third parameter."),
  .fields = { { "va", atlas_trace_format_va }, { "status", atlas_trace_format_status } },
};

const AtlasTraceKind atlas_event_frame_repurposed = {
  .id = "frame-repurposed",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Frame {pfn}"),
  .detail = N_ ("standby {priority} → free"),
  .explain = N_ (
    "No zeroed or free frame is left, so Windows takes one from the standby list of the lowest "
    "priority that has any, {priority}. The entry that still named frame {pfn} says from now on "
    "where else the page is: the next touch there has to read it again."),
  .fields = { { "pfn", format_frame },
              { "priority", atlas_trace_format_decimal },
              { "use", format_use } },
};

const AtlasTraceKind atlas_event_page_written = {
  .id = "page-written",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Page written"),
  .detail = N_ ("frame {pfn} → slot {slot} of paging file {file}; modified → standby"),
  .explain =
    N_ ("No frame can be had without saving one first: the modified page writer writes frame "
        "{pfn} to slot {slot} of paging file {file}. After that the frame may be reused."),
  .fields = { { "pfn", format_frame },
              { "slot", atlas_trace_format_hex },
              { "file", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_page_trimmed = {
  .id = "page-trimmed",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Page trimmed"),
  .detail = N_ ("{va} leaves its working set, age {age}"),
  .explain =
    N_ ("Memory is short, or the working set has reached its limit. The page at {va}, not used "
        "for {age} looks, is taken out; its bytes stay in frame {pfn} for now."),
  .fields = { { "va", atlas_trace_format_va },
              { "pfn", format_frame },
              { "age", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_page_copied = {
  .id = "page-copied",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("Copy on write"),
  .detail = N_ ("frame {old} → private copy in frame {new}"),
  .explain =
    N_ ("The page is shared and may only be written as a copy. Windows copies its 4,096 bytes "
        "from frame {old} to frame {new}, which belongs to this process alone; all others keep "
        "seeing the old bytes."),
  .fields = { { "old", format_frame }, { "new", format_frame } },
};

const AtlasTraceKind atlas_event_table_made = {
  .id = "table-made",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = "{level} {index}",
  .detail = N_ ("written {pa} ← {entry}: new table"),
  .explain =
    N_ ("A table on the way to the page is missing. Windows takes a zeroed frame for it, at "
        "{table}, and makes entry {index} name it."),
  .fields = { { "level", atlas_trace_format_level },
              { "index", atlas_trace_format_decimal },
              { "pa", atlas_trace_format_pa },
              { "entry", atlas_trace_format_entry },
              { "table", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_root_mirrored = {
  .id = "root-mirrored",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = "{level} {index}",
  .detail = N_ ("written {pa} ← {entry}: the user root"),
  .explain = N_ ("With KVA shadow the program runs on a root of its own, a separate table. Windows "
                 "writes entry {index} there too, for nothing else keeps the two roots in step."),
  .fields = { { "level", atlas_trace_format_level },
              { "index", atlas_trace_format_decimal },
              { "pa", atlas_trace_format_pa },
              { "entry", atlas_trace_format_entry } },
};

const AtlasTraceKind atlas_event_pte_written = {
  .id = "pte-written",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = N_ ("PTE written"),
  .detail = "{pa} ← {new}",
  .explain =
    N_ ("The page-table entry for {va} changes from {old} to {new}: present, {protection}."),
  .fields = { { "va", atlas_trace_format_va },
              { "pa", atlas_trace_format_pa },
              { "old", atlas_trace_format_entry },
              { "new", atlas_trace_format_entry },
              { "protection", atlas_trace_format_protection } },
};

const AtlasTraceKind atlas_event_dirty_noted = {
  .id = "dirty-noted",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = N_ ("First write"),
  .detail = "{pa} ← {new}",
  .explain =
    N_ ("The page may be written (Windows' own Write bit, 11, is set), but the processor's R/W "
        "bit was left clear so that the first write is seen. Windows sets R/W and Dirty: from "
        "now on writes cost nothing, and the page must be saved before its frame is reused."),
  .fields = { { "va", atlas_trace_format_va },
              { "pa", atlas_trace_format_pa },
              { "old", atlas_trace_format_entry },
              { "new", atlas_trace_format_entry } },
};

const AtlasTraceKind atlas_event_guard_cleared = {
  .id = "guard-cleared",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = N_ ("Guard page"),
  .detail = "{pa} ← {new}",
  .explain =
    N_ ("The page is a guard page: it traps the first touch and only that. Windows takes the "
        "guard off the entry before it tells anyone; the next access finds {protection}."),
  .fields = { { "va", atlas_trace_format_va },
              { "pa", atlas_trace_format_pa },
              { "old", atlas_trace_format_entry },
              { "new", atlas_trace_format_entry },
              { "protection", atlas_trace_format_protection } },
};

const AtlasTraceKind atlas_event_stack_grown = {
  .id = "stack-grown",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("Stack grows"),
  .detail = N_ ("new guard pages {first} … {last}"),
  .explain =
    N_ ("The guard page belongs to the thread's stack, so the program is not told. Windows "
        "commits new guard pages below, {first} … {last}, and notes the stack's new limit, "
        "{limit}, in the TEB."),
  .fields = { { "first", atlas_trace_format_va },
              { "last", atlas_trace_format_va },
              { "limit", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_stack_exhausted = {
  .id = "stack-exhausted",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("Stack full"),
  .detail = N_ ("no room for guard pages below {limit}"),
  .explain =
    N_ ("The stack has reached the bottom of its reservation: there is no room for another set "
        "of guard pages below {limit}. The last pages open up so that a handler can run."),
  .fields = { { "va", atlas_trace_format_va }, { "limit", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_refused = {
  .id = "refused",
  .role = ATLAS_TRACE_ROLE_VAD,
  .title = N_ ("Not allowed"),
  .detail = "{reason}",
  .explain = N_ ("Windows cannot let the program {access} {va}: {reason}."),
  .fields = { { "access", format_access },
              { "va", atlas_trace_format_va },
              { "protection", atlas_trace_format_protection },
              { "reason", atlas_trace_format_literal } },
};

const AtlasTraceKind atlas_event_no_frame = {
  .id = "no-frame",
  .role = ATLAS_TRACE_ROLE_FRAME,
  .title = N_ ("No frame"),
  .detail = N_ ("physical memory is full"),
  .explain =
    N_ ("No list has a frame for {va}: whatever could be written to a paging file or taken from a "
        "working set is gone."),
  .fields = { { "va", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_retry = {
  .id = "retry",
  .role = ATLAS_TRACE_ROLE_RETRY,
  .title = N_ ("Retry"),
  .detail = N_ ("the instruction starts again"),
  .explain =
    N_ ("Windows returns from the fault. The processor runs the same instruction again from its "
        "beginning, and does not know that it was ever interrupted."),
  .fields = { { "va", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_exception = {
  .id = "exception",
  .role = ATLAS_TRACE_ROLE_EXCEPTION,
  .title = "{status}",
  .detail = N_ ("{n_parameters} parameters: {parameter_0}, {parameter_1}"),
  .explain =
    N_ ("The program gets exception {status}. Parameter 0 tells the access (0 read, 1 write, "
        "8 execute), parameter 1 the address: {parameter_1}."),
  .fields = { { "status", atlas_trace_format_status },
              { "n_parameters", atlas_trace_format_decimal },
              { "parameter_0", atlas_trace_format_decimal },
              { "parameter_1", atlas_trace_format_va },
              { "parameter_2", atlas_trace_format_hex } },
};
