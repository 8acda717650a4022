// Memory that kernels may use: the arguments, shared memory, and the program with its constants.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "races.h"

namespace on_host {

// The cells of a piece of memory, one for each `granule` bytes. The system makes them, as zeros, where they are
// touched.
class Cells {
  public:
    Cells(size_t bytes, int granule);
    ~Cells();
    Cells(const Cells&) = delete;

    Cell& operator[](size_t index) { return cells_[index]; }
    const int granule;

  private:
    size_t size_;
    Cell* cells_;
};

struct Region {
    uintptr_t low, high;
    std::string name;
    bool shared, constant;
    uintptr_t origin;              // where the caller has what begins at `low`
    std::shared_ptr<Cells> cells;  // several regions may be views of one piece of memory; none where nothing can race
    size_t offset;                 // of `low` in that piece

    bool holds(uintptr_t address, size_t size) const { return address >= low && address + size <= high; }
};

Region* find_region(uintptr_t address, size_t size);  // null if it lies in none
std::string nearest_region(uintptr_t address, size_t size);  // "4 bytes outside argument 0"
void add_module_regions(const void* inside_module);
void forget_regions();

}  // namespace on_host
