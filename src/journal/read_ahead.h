// A reader that works ahead of the one who reads: while there is a backlog, a thread of its own
// reads, decompresses and sequences the next batches, so that a second core carries what would
// otherwise stand between two documents. At the end of a journal nothing is handed between threads:
// the caller reads itself.
//
// Seen from outside it is the reader that it wraps: the same batches, errors, boundaries and
// positions, in the same order, all of them about what was handed out and not about what was read.
#pragma once

#include <cstddef>
#include <memory>

#include "journal/file_journal.h"
#include "journal/reader.h"

namespace weir::journal {

// Text that waits to be taken; more is not read. One batch may go beyond it.
inline constexpr std::size_t kReadAheadBytes = 4u << 20;
// A batch of so much text tells of a backlog that is worth a thread.
inline constexpr std::size_t kBacklogBytes = kReadBytes / 2;

std::unique_ptr<Reader> make_read_ahead(std::unique_ptr<Reader> inner,
                                        std::size_t bytes_max = kReadAheadBytes,
                                        std::size_t backlog_bytes = kBacklogBytes);

}  // namespace weir::journal
