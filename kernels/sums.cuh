// Where a metric keeps several sums: state[element] += sum for each of up to four states, those that it has.
#pragma once

constexpr int STATES = 4;

struct States {
    double* of[STATES];
};

// Called by one thread of a part of the data. Several parts leave their sums in `partial`, for add_sums.
__device__ inline void add_to_states(const double (&sums)[STATES], long long element, long long size, int part,
                                     int parts, double* partial, const States& states) {
    for (int state = 0; state < STATES; ++state) {
        if (partial != nullptr)
            partial[(static_cast<long long>(state) * parts + part) * size + element] = sums[state];
        else if (states.of[state] != nullptr)
            states.of[state][element] += sums[state];
    }
}
