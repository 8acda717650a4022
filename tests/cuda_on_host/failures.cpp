// Failures: the first thing that a kernel does wrong is taken note of, and ends the launch.
#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>

#include "runtime.h"

extern "C" {
extern const Dimensions on_host_thread_index, on_host_block_index;
}

namespace on_host {

bool failed;

namespace {

char message[1024];
uint64_t message_offset;  // in the module, of the instruction behind the one that failed; 0 if the message has a place

void note(const char* format, va_list arguments) {
    if (failed) return;
    failed = true;
    const Dimensions &b = on_host_block_index, &t = on_host_thread_index;
    const int length = std::snprintf(message, sizeof message, "block (%u, %u, %u), thread (%u, %u, %u): ", b.x, b.y,
                                     b.z, t.x, t.y, t.z);
    std::vsnprintf(message + length, sizeof message - length, format, arguments);
}

}  // namespace

void forget_failure() {
    failed = false;
    message_offset = 0;
}

void fail(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note(format, arguments);
    va_end(arguments);
}

void fail_thread(const void* where, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    note(format, arguments);
    va_end(arguments);
    Dl_info module;
    if (where && dladdr(where, &module))
        message_offset = reinterpret_cast<uintptr_t>(where) - reinterpret_cast<uintptr_t>(module.dli_fbase);
    for (;;) current->fiber->suspend();
}

}  // namespace on_host

extern "C" const char* on_host_error(uint64_t* offset) {
    *offset = on_host::message_offset;
    return on_host::message;
}
