// Fibers: a stack of its own for each thread that waits, and a switch between them.
//
// x86-64 has a switch of 15 instructions, other processors the one of <ucontext.h>, which ON_HOST_UCONTEXT chooses
// everywhere.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__x86_64__) && !defined(ON_HOST_UCONTEXT)
#define ON_HOST_ASSEMBLY
#else
#include <ucontext.h>
#endif

class Fiber {
  public:
    // A fiber that will run `entry`, which never returns: it suspends itself for good instead.
    explicit Fiber(void (*entry)()) : entry_(entry) {
        void* mapped = mmap(nullptr, GUARD + SIZE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        mprotect(mapped, GUARD, PROT_NONE);
        stack_ = static_cast<char*>(mapped) + GUARD;
        restart();
    }
    ~Fiber() { munmap(stack_ - GUARD, GUARD + SIZE); }
    Fiber(const Fiber&) = delete;

    void restart();  // forget what it was doing
    void resume();   // leave the main program for this fiber, until it suspends itself
    void suspend();  // leave this fiber for the main program

    bool holds(uintptr_t address) const { return address - reinterpret_cast<uintptr_t>(stack_) < SIZE; }

  private:
    static constexpr size_t SIZE = 128 << 10, GUARD = 4096;
    void (*entry_)();
    char* stack_;
#ifdef ON_HOST_ASSEMBLY
    void* stack_pointer_;
    static inline void* main_stack_pointer_;
#else
    ucontext_t context_;
    static inline ucontext_t main_context_;
#endif
};

#ifdef ON_HOST_ASSEMBLY
// Save the registers that a function must keep, change stacks, and restore them: a few nanoseconds.
extern "C" void on_host_switch(void** save, void* to);
asm(R"(
.text
.type on_host_switch, @function
on_host_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

inline void Fiber::restart() {
    void** top = reinterpret_cast<void**>(stack_ + SIZE);
    *--top = nullptr;  // where a return address would be: the stack is aligned as after a call
    *--top = reinterpret_cast<void*>(entry_);
    for (int i = 0; i < 6; ++i) *--top = nullptr;  // the registers
    stack_pointer_ = top;
}
inline void Fiber::resume() { on_host_switch(&main_stack_pointer_, stack_pointer_); }
inline void Fiber::suspend() { on_host_switch(&stack_pointer_, main_stack_pointer_); }
#else
inline void Fiber::restart() {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack_;
    context_.uc_stack.ss_size = SIZE;
    context_.uc_link = nullptr;
    makecontext(&context_, entry_, 0);
}
inline void Fiber::resume() { swapcontext(&main_context_, &context_); }
inline void Fiber::suspend() { swapcontext(&context_, &main_context_); }
#endif
