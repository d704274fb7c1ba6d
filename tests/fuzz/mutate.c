/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Runs a fuzz target on files and on damaged copies of them: the same ones every time. */

#include "fuzz/fuzz.h"

#include <glib.h>
#include <string.h>

#define N_COPIES 400u
#define MAX_DAMAGES 4

typedef struct
{
  char *path;
  guint32 seed;
} Input;

static void
overwrite (GByteArray *bytes, GRand *rand)
{
  if (bytes->len > 0)
    bytes->data[g_rand_int_range (rand, 0, (gint) bytes->len)] = (guint8) g_rand_int (rand);
}

static void
flip_bit (GByteArray *bytes, GRand *rand)
{
  if (bytes->len > 0)
    bytes->data[g_rand_int_range (rand, 0, (gint) bytes->len)] ^=
      (guint8) (1 << g_rand_int_range (rand, 0, 8));
}

static void
cut (GByteArray *bytes, GRand *rand)
{
  g_byte_array_set_size (bytes, (guint) g_rand_int_range (rand, 0, (gint) bytes->len + 1));
}

static void
remove_range (GByteArray *bytes, GRand *rand)
{
  guint begin = (guint) g_rand_int_range (rand, 0, (gint) bytes->len + 1);
  guint n_bytes = (guint) g_rand_int_range (rand, 0, 16);

  g_byte_array_remove_range (bytes, begin, MIN (n_bytes, bytes->len - begin));
}

/* Copies up to 64 bytes from one place over those at another. */
static void
copy_range (GByteArray *bytes, GRand *rand)
{
  guint from = (guint) g_rand_int_range (rand, 0, (gint) bytes->len + 1);
  guint to = (guint) g_rand_int_range (rand, 0, (gint) bytes->len + 1);
  guint n_bytes = (guint) g_rand_int_range (rand, 1, 64);

  if (bytes->len > 0)
    memmove (bytes->data + to, bytes->data + from, MIN (n_bytes, bytes->len - MAX (from, to)));
}

/* Replaces a digit: the text often still parses, and the numbers are wrong. */
static void
change_digit (GByteArray *bytes, GRand *rand)
{
  guint begin = (guint) g_rand_int_range (rand, 0, (gint) bytes->len + 1);

  for (guint i = begin; i < bytes->len; i++)
    {
      if (g_ascii_isdigit (bytes->data[i]))
        {
          bytes->data[i] = (guint8) "0123456789abfx"[g_rand_int_range (rand, 0, 14)];
          return;
        }
    }
}

/* Overwrites four or eight bytes with a number that arithmetic stumbles over. */
static void
set_number (GByteArray *bytes, GRand *rand)
{
  static const guint64 numbers[] = {
    0,           1,
    0x7fffffff,  0x80000000,
    G_MAXUINT32, G_GUINT64_CONSTANT (0x0aaaaaaaaaaaaaab), /* times 48 wraps around to 16 */
    G_MAXINT64,  G_GUINT64_CONSTANT (0xfffffffffffff000),
    G_MAXUINT64,
  };
  guint64 number = GUINT64_TO_LE (numbers[g_rand_int_range (rand, 0, G_N_ELEMENTS (numbers))]);
  guint n_bytes = g_rand_boolean (rand) ? 4 : 8;

  if (bytes->len >= n_bytes)
    memcpy (bytes->data + 4 * g_rand_int_range (rand, 0, (gint) (bytes->len - n_bytes) / 4 + 1),
            &number,
            n_bytes);
}

static void
damage (GByteArray *bytes, GRand *rand)
{
  static void (*const damages[]) (GByteArray * bytes, GRand * rand) = {
    overwrite,  flip_bit,     cut,          remove_range, copy_range,
    set_number, change_digit, change_digit, change_digit,
  };
  gint n_damages = g_rand_int_range (rand, 1, MAX_DAMAGES + 1);

  for (gint i = 0; i < n_damages; i++)
    damages[g_rand_int_range (rand, 0, G_N_ELEMENTS (damages))](bytes, rand);
}

static void
run_input (gconstpointer data)
{
  const Input *input = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (input->seed);
  g_autofree char *contents = NULL;
  gsize n_bytes;

  g_file_get_contents (input->path, &contents, &n_bytes, &error);
  g_assert_no_error (error);

  LLVMFuzzerTestOneInput ((const uint8_t *) contents, n_bytes);
  for (guint i = 0; i < N_COPIES; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) n_bytes);
      g_autofree uint8_t *exact = NULL;

      g_byte_array_append (bytes, (const guint8 *) contents, (guint) n_bytes);
      damage (bytes, rand);
      /* Exactly as long as its bytes, so that a sanitizer sees the first one read beyond; never
       * NULL, as with libFuzzer. */
      exact = g_malloc (MAX (bytes->len, 1u));
      if (bytes->len > 0)
        memcpy (exact, bytes->data, bytes->len);
      LLVMFuzzerTestOneInput (exact, bytes->len);
    }
}

static void
input_free (gpointer data)
{
  Input *input = data;

  g_free (input->path);
  g_free (input);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (input_free);

  g_test_init (&argc, &argv, NULL);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *name = g_path_get_basename (argv[i]);
      g_autofree char *test_path = g_strconcat ("/fuzz/", name, NULL);
      Input *input = g_new (Input, 1);

      *input = (Input){ .path = g_strdup (argv[i]), .seed = g_str_hash (name) };
      g_ptr_array_add (inputs, input);
      g_test_add_data_func (test_path, input, run_input);
    }
  return g_test_run ();
}
