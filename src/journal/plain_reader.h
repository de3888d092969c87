// The reader of one collection's plain files. What it promises is said in plain_journal.h.
//
// It goes in rounds. A round looks at all files that the patterns name, marks those with something
// unread, and reads them one after the other, with one file open at a time.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "journal/bytes.h"
#include "journal/plain_content.h"
#include "journal/plain_journal.h"
#include "journal/reader.h"

namespace weir::journal {

class PlainReader final : public Reader {
 public:
  PlainReader(std::string journal, FilePatterns patterns, const PlainJournalOptions& options);
  // Once, before all else. kCorrupt: the position is none of plain files.
  Status restore(const protocol::Source& position);

  Result<std::optional<Batch>> next() override;
  bool at_boundary() const override { return true; }
  protocol::Source position() const override { return position_; }
  std::int64_t bytes_behind() const override;

  std::size_t files() const { return files_.size(); }
  Status look();  // at the folders: begins a round

 private:
  struct File {
    std::string name;  // empty: known by its digest only, from an earlier run
    std::string path;
    std::uint64_t offset = 0;    // what was read
    std::uint64_t identity = 0;  // of that
    bool finished = true;        // it was all
    bool present = false;
    bool compressed = false;
    bool told = false;                 // that its last line is unfinished
    std::uint64_t size = 0;            // as of the last look
    std::optional<io::FileInfo> seen;  // as it was when it was last read to its end
  };
  struct Piece {
    std::shared_ptr<std::string> buffer;
    bool at_end = false;  // of the file, as it is now
  };
  enum class Line {
    kTaken,       // documents or nothing: it is done with
    kUnfinished,  // the last one, and no whole object yet
  };
  // How far the lines of a piece were taken.
  struct Taken {
    std::uint64_t bytes = 0;
    bool all = false;  // but for an unfinished last line, which is the end as well
    bool unfinished = false;
  };

  Status take_found(const FoundFile& found);
  Status check_vanished();
  void forget_vanished();
  Status open(File& file);
  Status recognise(const File& file);
  void close_file();
  Result<std::optional<Batch>> read_on();
  Result<Piece> read_piece();
  Result<Taken> take_lines(const Piece& piece, Batch& batch);
  Result<Line> take_line(std::string_view line, std::uint64_t offset, bool whole, Batch& batch);
  Status settle(std::uint64_t offset, bool finished);
  void tell_of_unfinished(File& file) const;
  void tell_of_none();
  Error bad_line(std::string_view line, std::uint64_t offset) const;

  const std::string journal_;
  const FilePatterns patterns_;
  const Clock& clock_;
  const std::size_t read_bytes_;
  BufferPool pool_;
  std::map<std::string, File> files_;  // by id
  std::deque<std::string> round_;      // ids of what is to be read, in order
  protocol::Source position_;
  // The open file.
  std::unique_ptr<PlainContent> content_;
  std::string current_;  // its id
  std::shared_ptr<const FileOrigin> origin_;
  std::uint64_t at_ = 0;  // the next byte
  bool told_of_none_ = false;
  bool inside_line_ = false;  // up to the next newline nothing may stand but white space
};

// "orders.jsonl:12" or "orders.jsonl:12:7", by counting the lines before; where the file cannot be
// read any more, "orders.jsonl at byte 345". `column` is 1-based; 0 leaves it out.
std::string place_in_file(const FileOrigin& file, std::uint64_t offset, std::uint64_t column);
// The column at which this text stops being JSON; 0: it does not.
std::uint64_t column_of_problem(std::string_view text);

}  // namespace weir::journal
