/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs inside the emulator: case after case, one line of result each, on port E9. */

#include "cases.h"

extern volatile CaseWord fault_vector, fault_code, fault_cr2;
void guest_access (CaseWord va, CaseWord access, CaseWord is_user, CaseWord rflags);
void guest_main (unsigned multiboot_info);

#define CR4_BASE (0x20ull | (LEVELS == 5 ? 0x1000ull : 0))
#define CR4_SMEP (1ull << 20)
#define CR4_SMAP (1ull << 21)
#define CR4_PKE (1ull << 22)
#define CR4_PKS (1ull << 24)
#define EFER_NXE (1ull << 11)
#define MSR_EFER 0xc0000080u
#define MSR_PKRS 0x6e1u
#define RFLAGS_AC (1ull << 18)

static void
out_byte (unsigned port, unsigned char value)
{
  __asm__ volatile("outb %0, %w1" : : "a"(value), "Nd"(port));
}

static void
put (const char *text)
{
  while (*text != 0)
    out_byte (0xe9, (unsigned char) *text++);
}

static void
put_hex (CaseWord value, unsigned n_digits)
{
  while (n_digits-- > 0)
    out_byte (0xe9, (unsigned char) "0123456789abcdef"[value >> (4 * n_digits) & 15]);
}

static void
write_msr (unsigned msr, CaseWord value)
{
  __asm__ volatile("wrmsr" : : "c"(msr), "a"((unsigned) value), "d"((unsigned) (value >> 32)));
}

static CaseWord
read_msr (unsigned msr)
{
  unsigned low, high;

  __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
  return (CaseWord) high << 32 | low;
}

static void
write_cr0 (CaseWord value)
{
  __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static CaseWord
read_cr0 (void)
{
  CaseWord value;

  __asm__ volatile("mov %%cr0, %0" : "=r"(value));
  return value;
}

static void
write_cr4 (CaseWord value)
{
  __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static void
cpuid (unsigned leaf, unsigned subleaf, unsigned registers[4])
{
  __asm__ volatile("cpuid"
                   : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                   : "a"(leaf), "c"(subleaf));
}

static unsigned
find_features (void)
{
  unsigned registers[4];
  unsigned features = 0;

  cpuid (7, 0, registers);
  if (registers[2] >> 3 & 1)
    features |= CASE_FEATURE_PKU;
  if (registers[2] >> 31)
    features |= CASE_FEATURE_PKS;
  return features;
}

static unsigned
find_maxphyaddr (void)
{
  unsigned registers[4];

  cpuid (0x80000008, 0, registers);
  return registers[0] & 0xff;
}

/* "… cases=200000 seed=7 …" on the loader's command line. */
static CaseWord
read_option (unsigned multiboot_info, const char *name, CaseWord otherwise)
{
  const unsigned *info = (const unsigned *) (CaseWord) multiboot_info;
  const char *text;

  if ((info[0] & 4) == 0)
    return otherwise;
  for (text = (const char *) (CaseWord) info[4]; *text != 0; text++)
    {
      const char *at = text;
      const char *wanted = name;

      while (*wanted != 0 && *at == *wanted)
        at++, wanted++;
      if (*wanted == 0 && *at == '=')
        {
          CaseWord value = 0;

          for (at++; *at >= '0' && *at <= '9'; at++)
            value = value * 10 + (CaseWord) (*at - '0');
          return value;
        }
    }
  return otherwise;
}

static volatile CaseWord *
entry_at (unsigned level)
{
  CaseWord index = CASE_VA >> (12 + 9 * (level - 1)) & 511;

  return (volatile CaseWord *) (CASE_TABLE_PA (level) + index * 8);
}

static void
set_state (const Case *c, CaseWord efer, CaseWord cr0, unsigned features)
{
  CaseWord cr4 = CR4_BASE;

  write_msr (MSR_EFER, c->nxe ? efer | EFER_NXE : efer & ~EFER_NXE);
  if ((features & CASE_FEATURE_PKU) != 0)
    {
      write_cr4 (CR4_BASE | CR4_PKE);
      __asm__ volatile("wrpkru" : : "a"(c->pkru), "c"(0), "d"(0));
    }
  if ((features & CASE_FEATURE_PKS) != 0)
    write_msr (MSR_PKRS, c->pkrs);
  cr4 |= c->smep ? CR4_SMEP : 0;
  cr4 |= c->smap ? CR4_SMAP : 0;
  cr4 |= c->pke ? CR4_PKE : 0;
  cr4 |= c->pks ? CR4_PKS : 0;
  write_cr4 (cr4);
  write_cr0 (c->wp ? cr0 | 1ull << 16 : cr0 & ~(1ull << 16));
  __asm__ volatile("mov %0, %%cr3\n\tinvlpg (%1)"
                   :
                   : "r"(CASE_TABLE_PA (LEVELS)), "r"(CASE_VA)
                   : "memory");
}

static void
run_case (const Case *c, CaseWord efer, CaseWord cr0, unsigned features)
{
  unsigned newly_set = 0;
  unsigned surprises = 0;

  for (unsigned level = 1; level <= LEVELS; level++)
    *entry_at (level) = c->entries[level];
  set_state (c, efer, cr0, features);
  fault_code = 0;
  guest_access (c->va, c->access, c->user, 2 | (c->ac ? RFLAGS_AC : 0));

  for (unsigned level = 1; level <= LEVELS; level++)
    {
      CaseWord changed = *entry_at (level) ^ c->entries[level];

      newly_set |= (unsigned) (changed >> 5 & 3) << 2 * (level - 1);
      if ((changed & ~0x60ull) != 0 || (changed & c->entries[level]) != 0)
        surprises |= 1;
    }
  if (fault_vector == 14 && fault_cr2 != c->va)
    surprises |= 2;
  put_hex (fault_vector, 2);
  put_hex (fault_code, 2);
  put_hex (newly_set, 3);
  put_hex (surprises, 1);
  out_byte (0xe9, '\n');
}

void
guest_main (unsigned multiboot_info)
{
  CaseWord n_cases = read_option (multiboot_info, "cases", 1000);
  CaseWord state = read_option (multiboot_info, "seed", 1);
  CaseWord efer = read_msr (MSR_EFER);
  CaseWord cr0 = read_cr0 ();
  unsigned features = find_features ();

  for (CaseWord at = 0; at < 0x200000; at++)
    ((volatile unsigned char *) CASE_PAGE_PA)[at] = 0xc3;

  put ("BEGIN ");
  put_hex (LEVELS, 1);
  put (" ");
  put_hex (features, 1);
  put (" ");
  put_hex (find_maxphyaddr (), 2);
  put (" ");
  put_hex (n_cases, 8);
  put (" ");
  put_hex (state, 16);
  put ("\n");
  for (CaseWord i = 0; i < n_cases; i++)
    {
      Case c;

      case_make (&c, &state, LEVELS, features);
      run_case (&c, efer, cr0, features);
    }
  put ("END\n");
  /* QEMU's isa-debug-exit; elsewhere nobody listens. */
  out_byte (0xf4, 0);
}
