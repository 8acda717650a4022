// Philox4x32-10, a counter-based random generator: four 32-bit words for each (counter, key), in any order.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// gpunet/backend/philox.py computes the same words on the host.
#pragma once

struct PhiloxWords {
    unsigned int word[4];
};

// The words of the counter (low half of block, high half of block, stream, step).
__device__ inline PhiloxWords philox4x32_10(unsigned long long block, unsigned int stream, unsigned int step,
                                            unsigned long long key) {
    PhiloxWords words{{static_cast<unsigned int>(block), static_cast<unsigned int>(block >> 32), stream, step}};
    unsigned int key0 = static_cast<unsigned int>(key), key1 = static_cast<unsigned int>(key >> 32);
    for (int round = 0; round < 10; ++round) {
        const unsigned long long product0 = 0xD2511F53ull * words.word[0];
        const unsigned long long product1 = 0xCD9E8D57ull * words.word[2];
        words = PhiloxWords{{static_cast<unsigned int>(product1 >> 32) ^ words.word[1] ^ key0,
                             static_cast<unsigned int>(product1),
                             static_cast<unsigned int>(product0 >> 32) ^ words.word[3] ^ key1,
                             static_cast<unsigned int>(product0)}};
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return words;
}
