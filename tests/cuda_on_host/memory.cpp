#include "memory.h"

#include <link.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <vector>

namespace on_host {

namespace {

std::vector<Region> regions;
size_t last_found;
std::shared_ptr<Cells> cells_of_arguments;

void add_shared_memory(void* start, size_t size, const char* name) {
    const auto low = reinterpret_cast<uintptr_t>(start);
    if (size) regions.push_back({low, low + size, name, true, false, low, std::make_shared<Cells>(size, 1), 0});
}

// Of a module, thread-local storage is shared memory, and what can't be written are constants and code.
int add_module(dl_phdr_info* module, size_t, void* inside) {
    const auto *first = module->dlpi_phdr, *last = first + module->dlpi_phnum;
    const bool ours = std::any_of(first, last, [&](const auto& part) {
        return part.p_type == PT_LOAD && uintptr_t(inside) - module->dlpi_addr - part.p_vaddr < part.p_memsz;
    });
    if (!ours) return 0;
    for (auto part = first; part != last; ++part) {
        const uintptr_t low = module->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_TLS && module->dlpi_tls_data)
            add_shared_memory(module->dlpi_tls_data, part->p_memsz, "static shared memory");
        else if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
            regions.push_back({low, low + part->p_memsz, "the program", false, true, low, nullptr, 0});
    }
    return 1;
}

}  // namespace

Cells::Cells(size_t bytes, int granule) : granule(granule), size_((bytes / granule + 1) * sizeof(Cell)) {
    void* mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    cells_ = static_cast<Cell*>(mapped);
}

Cells::~Cells() { munmap(cells_, size_); }

Region* find_region(uintptr_t address, size_t size) {
    if (last_found < regions.size() && regions[last_found].holds(address, size)) return &regions[last_found];
    for (last_found = 0; last_found < regions.size(); ++last_found)
        if (regions[last_found].holds(address, size)) return &regions[last_found];
    return nullptr;
}

std::string nearest_region(uintptr_t address, size_t size) {
    const Region* nearest = nullptr;
    uintptr_t least = 0;
    for (const Region& region : regions) {
        const uintptr_t away = address < region.low ? region.low - address : address + size - region.high;
        if (!nearest || away < least) nearest = &region, least = away;
    }
    if (address < 4096) return "at a null pointer";
    return std::to_string(least) + " bytes outside " + nearest->name;
}

void add_module_regions(const void* inside_module) {
    dl_iterate_phdr(add_module, const_cast<void*>(inside_module));
    add_shared_memory(dynamic_shared, launch.shared_memory, "dynamic shared memory");
}

void forget_regions() {
    regions.clear();
    cells_of_arguments.reset();
}

}  // namespace on_host

using namespace on_host;

extern "C" {

// A piece of memory that the next arguments are views of; nothing can race in it where nothing is written.
void on_host_piece(size_t size, int granule, bool written) {
    cells_of_arguments = written ? std::make_shared<Cells>(size, granule) : nullptr;
}

// An argument: `offset` bytes from the beginning of the piece.
void on_host_argument(void* start, size_t size, void* origin, size_t offset, bool constant, const char* name) {
    const auto low = reinterpret_cast<uintptr_t>(start);
    regions.push_back({low, low + size, name, false, constant, uintptr_t(origin), cells_of_arguments, offset});
}

}  // extern "C"
