// The counters of a program, by what they count: the training step, the batch, the row of the table of coefficients.
#pragma once

constexpr int STEP = 0, POSITION = 1, ROW = 2;
