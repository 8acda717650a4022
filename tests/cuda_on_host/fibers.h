// Fibers: a stack of its own for each thread that waits, and a switch between them.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

constexpr size_t STACK_SIZE = 128 << 10;

class Fiber {
  public:
    // A fiber that runs `entry`, which never returns: it switches back for good instead.
    explicit Fiber(void (*entry)()) {
        char* mapped = static_cast<char*>(mmap(nullptr, STACK_SIZE + GUARD, PROT_READ | PROT_WRITE,
                                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        if (mapped == MAP_FAILED) throw std::runtime_error("no memory for the stack of a thread");
        mprotect(mapped, GUARD, PROT_NONE);
        stack_ = mapped + GUARD;
        prepare(entry);
    }

    // Leave the main program for this fiber, until it switches back.
    void resume();
    // Leave this fiber for the main program.
    void suspend();
    bool holds(uintptr_t address) const {
        const auto low = reinterpret_cast<uintptr_t>(stack_);
        return address >= low && address < low + STACK_SIZE;
    }

  private:
    static constexpr size_t GUARD = 4096;
    char* stack_;

#if defined(__x86_64__)
    void* stack_pointer_;
    static inline void* main_stack_pointer_;

    void prepare(void (*entry)()) {
        void** top = reinterpret_cast<void**>(stack_ + STACK_SIZE);
        *--top = nullptr;  // where a return address would be: the stack is aligned as after a call
        *--top = reinterpret_cast<void*>(entry);
        for (int i = 0; i < 6; ++i) *--top = nullptr;  // the registers that a function must keep
        stack_pointer_ = top;
    }
#else
    ucontext_t context_;
    static inline ucontext_t main_context_;

    void prepare(void (*entry)()) {
        getcontext(&context_);
        context_.uc_stack.ss_sp = stack_;
        context_.uc_stack.ss_size = STACK_SIZE;
        context_.uc_link = nullptr;
        makecontext(&context_, entry, 0);
    }
#endif
};

#if defined(__x86_64__)
// Save the registers that a function must keep, change stacks, restore them: a switch costs a few nanoseconds.
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
inline void Fiber::resume() { on_host_switch(&main_stack_pointer_, stack_pointer_); }
inline void Fiber::suspend() { on_host_switch(&stack_pointer_, main_stack_pointer_); }
#else
inline void Fiber::resume() { swapcontext(&main_context_, &context_); }
inline void Fiber::suspend() { swapcontext(&context_, &main_context_); }
#endif
