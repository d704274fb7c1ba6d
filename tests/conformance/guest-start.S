/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From a multiboot loader to 64-bit C, and the accesses that must not be left to a compiler.
 * LEVELS is 4 or 5. */

#define CODE64 0x08
#define USER_DATA 0x1b
#define USER_CODE 0x23
#define TSS 0x28

#define USER_VA 0x8000000000        /* PML4[1]: stubs, and a stack behind them */
#define USER_STACK_TOP (USER_VA + 0x2000)

        .section .multiboot, "a"
        .align 4
multiboot:
        .long 0x1badb002
        .long 0x00010003            /* page-aligned modules, memory map, addresses follow */
        .long -(0x1badb002 + 0x00010003)
        .long multiboot
        .long guest_begin
        .long guest_load_end
        .long guest_end
        .long start

        .text
        .code32
        .globl start
start:
        cli
        cld
        mov $boot_stack_top, %esp
        mov %ebx, %ebp              /* the loader's information */

        /* Identity map of 1 GB in 2 MB pages, for supervisors. */
        mov $identity_pd, %edi
        mov $0x83, %eax
        mov $512, %ecx
1:      mov %eax, (%edi)
        add $0x200000, %eax
        add $8, %edi
        loop 1b
        movl $identity_pd + 3, identity_pdpt
        movl $identity_pdpt + 3, 0x401000           /* PML4[0]; see cases.h for 0x401000 */

        /* User stubs and their stack. */
        movl $user_pt + 7, user_pd
        movl $user_pd + 7, user_pdpt
        movl $user_pdpt + 7, 0x401008               /* PML4[1] */
        movl $user_stubs + 7, user_pt
        movl $user_stack + 7, user_pt + 8
        mov $0x401000, %eax
#if LEVELS == 5
        movl $0x401007, 0x400000                    /* PML5[0] */
        mov $0x400000, %eax
#endif
        mov %eax, %cr3
        mov %cr4, %eax
#if LEVELS == 5
        or $0x1020, %eax                            /* PAE, LA57 */
#else
        or $0x20, %eax
#endif
        mov %eax, %cr4
        mov $0xc0000080, %ecx
        rdmsr
        or $0x100, %eax                             /* LME */
        wrmsr
        mov %cr0, %eax
        or $0x80010001, %eax                        /* PG, WP, PE */
        and $0x9fffffff, %eax                       /* not CD, not NW */
        mov %eax, %cr0
        lgdt gdt_pointer
        ljmp $CODE64, $start64

        .code64
start64:
        xor %eax, %eax
        mov %eax, %ds
        mov %eax, %es
        mov %eax, %ss
        mov $boot_stack_top, %esp
        mov $tss, %eax                              /* its base goes into the descriptor */
        mov %ax, gdt_tss + 2
        shr $16, %eax
        mov %al, gdt_tss + 4
        mov %ah, gdt_tss + 7
        mov $TSS, %eax
        ltr %ax

        .macro gate vector, handler, type
        mov $\handler, %eax
        mov %ax, idt + \vector * 16
        movw $CODE64, idt + \vector * 16 + 2
        movw $\type, idt + \vector * 16 + 4
        shr $16, %eax
        mov %ax, idt + \vector * 16 + 6
        .endm
        gate 6, on_ud, 0x8e00
        gate 8, on_df, 0x8e00
        gate 12, on_ss, 0x8e00
        gate 13, on_gp, 0x8e00
        gate 14, on_pf, 0x8e00
        gate 0x80, on_done, 0xee00
        lidt idt_pointer

        mov %ebp, %edi
        call guest_main
1:      hlt
        jmp 1b

/* void guest_access (va, access, is_user, rflags): fault_vector is 0 or what was raised. */
        .globl guest_access
guest_access:
        push %rbx
        push %rbp
        push %r12
        push %r13
        push %r14
        push %r15
        pushfq
        mov %rsp, saved_rsp
        movq $0, fault_vector
        shl $6, %rsi
        test %edx, %edx
        jnz 1f
        lea supervisor_stubs(%rsi), %rax
        push %rcx
        popfq
        jmp *%rax
1:      movabs $USER_VA, %rax
        add %rsi, %rax
        movabs $USER_STACK_TOP, %rdx
        push $USER_DATA
        push %rdx
        push %rcx
        push $USER_CODE
        push %rax
        iretq

resume:
        mov saved_rsp, %rsp
        popfq
        pop %r15
        pop %r14
        pop %r13
        pop %r12
        pop %rbp
        pop %rbx
        ret

        .macro handler name, vector
\name:  movq $\vector, fault_vector
        pop fault_code
        mov %cr2, %rax
        mov %rax, fault_cr2
        jmp resume
        .endm
        handler on_df, 8
        handler on_ss, 12
        handler on_gp, 13
        handler on_pf, 14
on_ud:  movq $6, fault_vector
        jmp resume
on_done:
        jmp resume

/* By access, 64 bytes each; the order is that of cases.h. */
        .macro stubs done:vararg
        .balign 64
        movb (%rdi), %al
        \done
        .balign 64
        movb $0xc3, (%rdi)
        \done
        .balign 64
        call *%rdi
        \done
        .balign 64
        mov %rdi, %rbp
        movb (%rbp), %al
        \done
        .balign 64
        mov %rdi, %rbp
        movb $0xc3, (%rbp)
        \done
        .endm

        .balign 64
supervisor_stubs:
        stubs jmp resume

        .section .user, "ax"
        .balign 4096
user_stubs:
        stubs int $0x80

        .data
        .balign 8
gdt:    .quad 0
        .quad 0x00209a0000000000                    /* 08: 64-bit code */
        .quad 0x0000920000000000                    /* 10: data */
        .quad 0x0000f20000000000                    /* 18: user data */
        .quad 0x0020fa0000000000                    /* 20: user code */
gdt_tss:
        .quad 0x0000890000000067                    /* 28: TSS */
        .quad 0
gdt_pointer:
        .word . - gdt - 1
        .quad gdt
idt_pointer:
        .word 0x81 * 16 - 1
        .quad idt
        .balign 8
tss:    .long 0
        .quad fault_stack_top                       /* RSP0 */
        .fill 92, 1, 0

        .bss
        .balign 4096
identity_pdpt: .skip 4096
identity_pd: .skip 4096
user_pdpt: .skip 4096
user_pd: .skip 4096
user_pt: .skip 4096
user_stack: .skip 4096
idt:    .skip 0x81 * 16
        .balign 16
boot_stack: .skip 8192
boot_stack_top:
fault_stack: .skip 8192
fault_stack_top:
saved_rsp: .skip 8
        .globl fault_vector, fault_code, fault_cr2
fault_vector: .skip 8
fault_code: .skip 8
fault_cr2: .skip 8

        .section .note.GNU-stack, "", @progbits
