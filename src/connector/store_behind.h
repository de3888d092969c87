// A destination that stores while its caller goes on: rows are copied into packets, and a thread of
// its own hands them to the wrapped destination, so that reducing the next rows and writing the
// last ones share two cores. What fits into one packet never leaves the caller's thread, so a small
// transaction costs no hand-over.
//
// Everything but store() waits until all rows before it were stored. An error of a row is the
// answer of a later store() or of finish_store(), never lost: nothing is committed in between, for
// a commit follows finish_store(). interrupt() goes through at once.
#pragma once

#include <cstddef>
#include <memory>

#include "connector/destination.h"

namespace weir::connector {

inline constexpr std::size_t kPacketBytes = 256u << 10;  // of rows; one row may be larger
inline constexpr std::size_t kPacketsWaiting = 4;        // more make store() wait

std::unique_ptr<Destination> make_store_behind(std::unique_ptr<Destination> inner,
                                               std::size_t packet_bytes = kPacketBytes);

}  // namespace weir::connector
