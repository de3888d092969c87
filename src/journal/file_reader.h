// The reader of one journal in fragment files: lines in, committed documents out.
//
// It scans chunk by chunk, applies the rules of sequencer.h to each line, and keeps the documents
// that await their acknowledgement in the buffers they were read into. Past pending_bytes_max those
// are let go; once the acknowledgement is seen, the range from the producer's first pending
// document to there is read a second time.
//
// Its position is what survives a cut of the open fragment's unacknowledged tail: it never reaches
// past the last line that settled something, there.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "journal/bytes.h"
#include "journal/file_journal.h"
#include "journal/line.h"
#include "journal/reader.h"
#include "journal/sequencer.h"

namespace weir::journal {

// Producers whose last clock lies further back than this, seen from the newest clock, leave the
// position.
inline constexpr document::ClockTicks kSilentTicks = 7ull * 24 * 3600 * 10'000'000 << 4;
// Past this many producers, the silent ones leave the memory, too.
inline constexpr std::size_t kProducersKept = 1024;
// A clock this far ahead of ours is not believed when that is judged.
inline constexpr std::chrono::hours kClockAheadMax{1};

class FileReader final : public Reader {
 public:
  FileReader(std::string journal, const FileJournalOptions& options);
  // Once, before all else. kCorrupt: the position is not one of this journal as it is now.
  Status restore(const protocol::Source& position);

  Result<std::optional<Batch>> next() override;
  bool at_boundary() const override { return ready_.empty() && !replay_; }
  protocol::Source position() const override;
  std::int64_t bytes_behind() const override;

 private:
  using Buffer = std::shared_ptr<const std::string>;

  struct Producer {
    ProducerSequence sequence;
    std::int64_t ignore_before =
        0;                    // what lies before was handed out, or judged, by an earlier reader
    std::vector<Batch> held;  // the pending documents, unless
    bool let_go = false;      // they have to be read again
  };
  // A committed run that has to be read again.
  struct Replay {
    std::string producer;
    std::int64_t at = 0;
    std::int64_t end = 0;
    document::ClockTicks above = 0;  // clocks up to here are duplicates
  };
  struct Chunk {
    Buffer buffer;  // whole lines
    std::int64_t begin = 0;
  };

  Result<std::optional<Chunk>> read_chunk(std::int64_t offset);
  Status skip_gap(const JournalBytes::Read& read, std::int64_t offset);
  Result<bool> scan();
  Result<bool> take_line(const Chunk& chunk, std::string_view line, std::int64_t offset);
  Result<bool> take_uuid_line(const Chunk& chunk, std::string_view line, std::int64_t offset,
                              const document::Uuid& uuid);
  Status unreadable(std::int64_t offset);
  Result<bool> acknowledged_behind(std::int64_t offset);
  Status replay();
  Status make_durable();
  void hand_out(const Buffer& buffer, const Document& document);
  void hold(Producer& producer, const Chunk& chunk, const Document& document);
  void commit(const std::string& id, Producer& producer, std::int64_t begin,
              document::ClockTicks above, std::int64_t end);
  void let_go_of_all();
  Producer& producer_of(const document::Uuid& uuid);
  void rewind();
  void forget_silent();
  static bool is_silent(const ProducerSequence& sequence, document::ClockTicks newest);
  Error shortened(std::int64_t offset) const;
  void reset_to(protocol::Source position);
  document::ClockTicks newest_clock() const;
  Error at(std::int64_t offset, Error problem) const;

  const std::string journal_;
  const FileJournalOptions options_;
  JournalBytes bytes_;
  BufferPool pool_;
  std::deque<Batch> ready_;
  std::optional<Replay> replay_;
  std::map<std::string, Producer> producers_;  // by their 6 bytes
  const std::string* last_id_ = nullptr;       // of the last line's producer, into producers_
  Producer* last_producer_ = nullptr;
  protocol::Source restored_;
  std::int64_t scan_at_ = 0;  // the next line to look at
  std::int64_t settled_ = 0;  // behind the last line that settled something; what read_through says
  std::int64_t durable_ = 0;  // synced up to here, by us
  std::int64_t plain_before_ = 0;  // documents without a uuid that lie before were handed out
  std::size_t held_bytes_ = 0;
  document::ClockTicks newest_ = 0;
};

}  // namespace weir::journal
