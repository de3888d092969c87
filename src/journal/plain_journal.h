// Plain files as a journal: a collection that says `files: [pattern]` is read where its files lie.
// Nothing is written to them or beside them, and nobody is asked to write them in a certain way.
//
// **What counts.** A file holds newline-delimited JSON objects in UTF-8, plain, gzip or zstd, told
// by its first bytes. A byte order mark, carriage returns, white space around documents and blank
// lines are passed over. A last line without its newline counts as soon as it is a whole object,
// for nothing can follow that would change it; until then it is waited for. A line that is no
// object is an error with its place, and what came before it was handed out.
//
// **Order.** By pattern as they are written; the files of one by the bytes of their names; each to
// its present end before the next. What files grew by, and new files, come in the same order in the
// next round. So of one file the order of lines holds, and between files the order of rounds.
//
// **Files may** grow at their end, appear, and vanish once they were read to their end. **They may
// not** become shorter, change in what was read, or vanish before that; a compressed one may not
// change at all. Each of these is kCorrupt, said with the name: nothing can be known of the rows
// that came from there, so nothing goes on by itself. A file is known by its name below the folder
// of the patterns, and again by a digest of the first and last bytes that were read of it; a change
// between those is not noticed.
//
// **Clocks.** A line with a v1 UUID in /_meta/uuid has its clock, and is passed over if it is an
// acknowledgement; other lines have none. No line is a duplicate of another.
//
// **Position.** All files are one journal, `<collection>/files`, so that a position is one entry of
// the checkpoint: `read_through` is the sum of what was read, and each file is one of its
// "producers":
//
//   id        the first 6 bytes of the SHA-256 of the file's name
//   last_ack  PlainContent::identity() of what was read; the last bit is set if that was all
//   begin     how much was read: an offset in the content
//
// Files that vanished stay in it until there are more than kPlainFilesMax.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "journal/find_files.h"
#include "journal/reader.h"

namespace weir::journal {

// An unfinished last line of a file that was not written to for so long is told of in the log.
inline constexpr std::chrono::seconds kUnfinishedAge{60};
// With more files than this, one thread reads them: a position is then too long to be copied for
// each piece that another one reads ahead.
inline constexpr std::size_t kReadAheadFilesMax = 256;

struct PlainJournalOptions {
  std::map<std::string, FilePatterns, std::less<>> collections;  // by name
  const Clock* clock = nullptr;                                  // required
  std::size_t read_bytes = 512u << 10;  // of one batch, unless a line is longer
  bool read_ahead = false;
};

// Journals of these collections; `others` answers for all else.
std::unique_ptr<Journals> make_plain_journals(PlainJournalOptions options,
                                              std::unique_ptr<Journals> others);

std::string plain_journal_of(std::string_view collection);  // "acme/orders/files"

}  // namespace weir::journal
