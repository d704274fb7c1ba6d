/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "addrxlat-peer.h"

#include "paging/address.h"
#include "paging/memory-private.h"

#include <libkdumpfile/addrxlat.h>

struct _AddrxlatPeer
{
  const AtlasMemory *memory;
  guint64 buffer_bytes;
  addrxlat_ctx_t *context;
  addrxlat_sys_t *system;
};

static void
keep_buffer (const addrxlat_buffer_t *buffer)
{
}

static addrxlat_status
get_buffer (const addrxlat_cb_t *callbacks, addrxlat_buffer_t *buffer)
{
  const AddrxlatPeer *peer = callbacks->priv;

  buffer->addr.addr &= ~(peer->buffer_bytes - 1);
  if (buffer->addr.addr >= peer->memory->ram_bytes)
    return addrxlat_ctx_err (peer->context, ADDRXLAT_ERR_NODATA, "outside RAM");
  buffer->ptr = peer->memory->ram + buffer->addr.addr;
  buffer->size = peer->buffer_bytes;
  buffer->byte_order = ADDRXLAT_LITTLE_ENDIAN;
  buffer->put_page = keep_buffer;
  return ADDRXLAT_OK;
}

static unsigned long
get_readable_spaces (const addrxlat_cb_t *callbacks)
{
  return ADDRXLAT_CAPS (ADDRXLAT_MACHPHYSADDR);
}

static void
stop_on_error (const AddrxlatPeer *peer, addrxlat_status status)
{
  if (status != ADDRXLAT_OK)
    g_error ("libaddrxlat: %s", addrxlat_ctx_get_err (peer->context));
}

AddrxlatPeer *
addrxlat_peer_new (const AtlasMemory *memory, AtlasPa root_pa, guint64 buffer_bytes)
{
  AddrxlatPeer *peer = g_new0 (AddrxlatPeer, 1);
  const addrxlat_fulladdr_t root = { root_pa, ADDRXLAT_MACHPHYSADDR };
  addrxlat_opt_t options[3];

  peer->memory = memory;
  peer->buffer_bytes = buffer_bytes;
  peer->context = addrxlat_ctx_new ();
  peer->system = addrxlat_sys_new ();

  addrxlat_cb_t *callbacks = addrxlat_ctx_add_cb (peer->context);

  callbacks->priv = peer;
  callbacks->get_page = get_buffer;
  callbacks->read_caps = get_readable_spaces;

  addrxlat_opt_arch (&options[0], "x86_64");
  addrxlat_opt_rootpgt (&options[1], &root);
  addrxlat_opt_virt_bits (&options[2], 48);
  stop_on_error (
    peer, addrxlat_sys_os_init (peer->system, peer->context, G_N_ELEMENTS (options), options));
  return peer;
}

void
addrxlat_peer_free (AddrxlatPeer *peer)
{
  addrxlat_sys_decref (peer->system);
  addrxlat_ctx_decref (peer->context);
  g_free (peer);
}

guint64
addrxlat_peer_sum_by_steps (AddrxlatPeer *peer, const AtlasVa *vas, guint n_vas)
{
  const addrxlat_meth_t *method = addrxlat_sys_get_meth (peer->system, ADDRXLAT_SYS_METH_PGT);
  guint64 sum = 0;

  for (guint i = 0; i < n_vas; i++)
    {
      addrxlat_step_t step = { .ctx = peer->context, .meth = method };
      addrxlat_status status = addrxlat_launch (&step, vas[i]);

      while (status == ADDRXLAT_OK && step.remain > 0)
        status = addrxlat_step (&step);
      stop_on_error (peer, status);
      sum += step.base.addr;
    }
  return sum;
}

guint64
addrxlat_peer_sum_by_system (AddrxlatPeer *peer, const AtlasVa *vas, guint n_vas)
{
  guint64 sum = 0;

  for (guint i = 0; i < n_vas; i++)
    {
      addrxlat_fulladdr_t address = { vas[i], ADDRXLAT_KVADDR };

      stop_on_error (
        peer,
        addrxlat_fulladdr_conv (&address, ADDRXLAT_MACHPHYSADDR, peer->context, peer->system));
      sum += address.addr;
    }
  return sum;
}
