// Journals in folders of fragment files: those that `weir append` writes, and Gazette's file
// stores. A journal's name is the path of its folder below the root: `acme/orders/pivot=00`, or
// with partitions `acme/orders/region=eu/pivot=00`.
//
// Readers take no lock and change nothing. They follow the open fragment; a last line without its
// newline, and lines damaged by a power failure behind the last acknowledgement, are waited for,
// since the next append cuts them off. A reader hands out only what is durable: it syncs an open
// fragment before it believes what it read there.
//
// The documents of one producer come in the order of their clocks, those of several in the order of
// their commits. A line's uuid is that of its /_meta/uuid; should the name occur twice, the last
// one counts, except that a line which starts with
// {"_meta":{"uuid":" is taken at its word. A line without a v1 UUID counts at once, with clock 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "journal/reader.h"

namespace weir::journal {

inline constexpr std::size_t kReadBytes = 512u << 10;  // of one batch, unless a line is longer
inline constexpr std::size_t kPendingBytesDefault =
    32u << 20;  // kept while an acknowledgement is awaited; beyond, re-read
inline constexpr std::size_t kJournalsMax = 4096;  // of one collection

struct FileJournalOptions {
  std::string root;
  const Clock* clock = nullptr;  // required; bounds how new a document's clock is believed to be
  std::size_t pending_bytes_max = kPendingBytesDefault;
  std::size_t read_bytes = kReadBytes;
  // Fragments that are missing in the middle: false stops with kCorrupt and names what is missing,
  // true reads on behind the gap. The beginning of a journal may be missing either way where
  // nothing of it was read yet.
  bool skip_gaps = false;
  bool read_ahead = false;  // a thread for each journal that lies far behind: see read_ahead.h
};

// Safe from several threads; each reader from one at a time. A missing root has no journals.
std::unique_ptr<Journals> make_file_journals(FileJournalOptions options);

// The folder of a journal, for watching (io/watch.h).
std::string journal_folder(const std::string& root, std::string_view journal);
// kInvalid for names that would leave the root or are no folder names: empty parts, ".", "..",
// control characters.
Status check_journal_name(std::string_view name);

}  // namespace weir::journal
