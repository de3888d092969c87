// Two passes. The first, without the lock, judges the input and spools its lines with room for
// their uuids: whatever is wrong with the input is found while nothing was written yet. The second,
// under the lock, gives the uuids and writes.
#include "journal/append.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/fault.h"
#include "io/file.h"
#include "journal/file_journal.h"
#include "journal/index.h"
#include "journal/input.h"
#include "journal/line.h"
#include "journal/producer_id.h"
#include "journal/recovery.h"
#include "journal/sequencer.h"
#include "journal/spool.h"
#include "journal/stamp.h"
#include "journal/tail.h"
#include "json/events.h"

namespace weir::journal {
namespace {

using document::ClockTicks;
using document::Flags;

constexpr std::size_t kWriteBytes = 1u << 20;
constexpr ClockTicks kTick = 160;  // a microsecond, with the counter at zero
constexpr std::uint64_t kAcknowledgementBytesMax = 256;

enum class BatchKind { kNotKnown, kStamped, kAsItIs };

// The first pass.
class Judge {
 public:
  Judge(const AppendOptions& options, Spool& spool) : options_(options), spool_(spool) {}

  Status take_all(const ByteSource& input) {
    InputReader reader(input, options_.input_name);
    for (;;) {
      WEIR_TRY(const auto found, reader.next());
      if (!found) break;
      if (Status status = take(reader, *found); !status) return status;
    }
    for (const auto& [producer, count] : pending_) unacknowledged_ += count;
    return {};
  }

  BatchKind kind() const { return kind_; }
  std::uint64_t documents() const { return documents_; }
  std::uint64_t unacknowledged() const { return unacknowledged_; }

 private:
  Status take(const InputReader& reader, const InputDocument& found) {
    arena_.reset();
    const auto parsed = json::parse(found.text, arena_);
    if (!parsed) {
      const json::Place place = parsed.error().place;
      const std::uint64_t line = found.line + (place.line > 0 ? place.line - 1 : 0);
      const std::uint64_t column =
          place.line > 1 ? place.column : found.column + (place.column > 0 ? place.column - 1 : 0);
      return tl::unexpected(reader.at(line, column, Error{Code::kInvalid, parsed.error().message}));
    }
    const std::string flat = found.spans_lines ? compacted(found.text) : std::string();
    Status status = judge(found.spans_lines ? std::string_view(flat) : found.text, *parsed);
    if (!status)
      return tl::unexpected(reader.at(found.line, found.column, std::move(status).error()));
    return status;
  }

  Status judge(std::string_view text, const json::Value& root) {
    const MetaPlaces places = find_meta(text);
    if (!places.is_object) return error(Code::kInvalid, "not a JSON object on one line");
    const bool has_uuid = places.uuid != kNowhere;
    const BatchKind kind = has_uuid ? BatchKind::kAsItIs : BatchKind::kStamped;
    if (kind_ == BatchKind::kNotKnown) kind_ = kind;
    if (kind_ != kind)
      return error(
          Code::kInvalid,
          "some documents of this input have a /_meta/uuid and some have none; append them apart");
    return has_uuid ? judge_as_it_is(text, root, places) : judge_plain(text, root, places);
  }

  Status judge_plain(std::string_view text, const json::Value& root, const MetaPlaces& places) {
    if (options_.check) WEIR_RETURN_IF_ERROR(options_.check(text, root));
    WEIR_TRY(const Prepared prepared, make_room(text, places));
    ++documents_;
    return spool(prepared.line, static_cast<std::uint32_t>(prepared.uuid_at), false);
  }

  Status judge_as_it_is(std::string_view text, const json::Value& root, const MetaPlaces& places) {
    if (!options_.batch_id.empty())
      return error(Code::kInvalid,
                   "a document with its own /_meta/uuid cannot be in a batch with an id: its clock "
                   "already tells a repetition");
    const auto uuid = document::parse_uuid(places.uuid_text);
    if (!uuid)
      return error(Code::kInvalid, "/_meta/uuid is no version 1 UUID; leave it out to get one");
    // Whether it fits what the journal holds is only known to its readers; that it fits itself can
    // be said here.
    auto outcome = apply(sequences_[uuid->producer], *uuid, 0);
    if (!outcome) return error(Code::kInvalid, "{}", outcome.error().message);
    std::uint64_t& pending = pending_[uuid->producer];
    if (*outcome == Outcome::kPending) ++pending;
    if (is_ack(*uuid)) pending = 0;
    if (!is_ack(*uuid)) {
      if (options_.check) WEIR_RETURN_IF_ERROR(options_.check(text, root));
      ++documents_;
    }
    return spool(text, SpooledLine::kNoUuid, is_ack(*uuid));
  }

  Status spool(std::string_view line, std::uint32_t uuid_at, bool acknowledgement) {
    if (line.size() > kDocumentBytesMax)
      return error(Code::kLimit, "a document of {} bytes with its uuid; {} are possible",
                   line.size(), kDocumentBytesMax);
    return spool_.add({line, uuid_at, acknowledgement});
  }

  const AppendOptions& options_;
  Spool& spool_;
  json::Arena arena_;
  BatchKind kind_ = BatchKind::kNotKnown;
  std::uint64_t documents_ = 0;
  std::uint64_t unacknowledged_ = 0;
  std::map<document::Producer, ProducerSequence> sequences_;
  std::map<document::Producer, std::uint64_t> pending_;
};

class FileAppender final : public Appender {
 public:
  FileAppender(const AppenderOptions& options, std::string folder, const document::Producer& own)
      : options_(options), folder_(std::move(folder)), own_(own), index_(folder_ + "/.index") {}

  Result<Appended> append(const ByteSource& input, const AppendOptions& batch) override {
    auto appended = append_batch(input, batch);
    if (!appended && placed_ == Placed::kJournal)
      return tl::unexpected(
          with_context("journal " + options_.journal, std::move(appended).error()));
    return appended;
  }

 private:
  // Whose fault an error is: its message names the input or the journal.
  enum class Placed { kInput, kJournal };

  Result<Appended> append_batch(const ByteSource& input, const AppendOptions& batch) {
    placed_ = Placed::kJournal;
    if (batch.batch_id.size() > kBatchIdBytesMax)
      return error(Code::kLimit, "a batch id of {} bytes; {} are possible", batch.batch_id.size(),
                   kBatchIdBytesMax);
    const std::string digest = batch.batch_id.empty() ? "" : digest_of_batch(batch.batch_id);
    if (!digest.empty()) {
      // Known before the input is read, or a repetition would have to be judged, and could fail.
      WEIR_TRY(const auto lock, take_lock());
      WEIR_RETURN_IF_ERROR(recover_tail().map([](const auto&) {}));
      if (index_.has_batch(digest)) return Appended{.already_there = true};
    }
    Spool spool(folder_, options_.spool_memory_max);
    Judge judge(batch, spool);
    placed_ = Placed::kInput;
    WEIR_RETURN_IF_ERROR(judge.take_all(input));
    placed_ = Placed::kJournal;
    if (spool.lines() == 0) return Appended{};

    WEIR_TRY(const auto lock, take_lock());
    fault_point("journal.locked");
    WEIR_TRY(Writer writer, recover_tail());
    if (!digest.empty() && index_.has_batch(digest)) return Appended{.already_there = true};
    WEIR_TRY(Appended appended, write(writer, spool, judge.kind(), digest));
    appended.documents = judge.documents();
    appended.unacknowledged = judge.unacknowledged();
    return appended;
  }

  struct Writer {
    JournalTail tail;
    ProducerSequence own;
  };

  Result<std::unique_ptr<io::LockFile>> take_lock() const {
    return io::LockFile::acquire(folder_ + "/.lock", options_.owner, options_.lock_wait);
  }

  // Makes the journal's end one that can be appended to, and the index one that knows all of it.
  Result<Writer> recover_tail() {
    WEIR_TRY(Recovered found, recover(folder_, own_, index_));
    WEIR_TRY(JournalTail tail, JournalTail::open(folder_, options_.fragment_bytes_max));
    if (found.torn) WEIR_RETURN_IF_ERROR(tail.cut(found.good_end));
    WEIR_RETURN_IF_ERROR(tail.seal_if_old(options_.clock->now()));
    if (found.good_end > index_.last().through) {
      // Its writer may have died before it synced, and from here on it is believed.
      WEIR_RETURN_IF_ERROR(tail.sync());
      for (IndexRecord& record : found.batches) index_.add(std::move(record));
      remember(found.own, found.good_end, {});
    }
    return Writer{std::move(tail), found.own};
  }

  // While documents of ours are pending, the index must not lead past them: they have to be found
  // again.
  void remember(const ProducerSequence& own, std::int64_t through, const std::string& digest) {
    if (own.begin < 0 && through > 0)
      index_.add({through, own.last_commit, anchor_at(folder_, through), digest});
    index_.flush();
  }

  Result<Appended> write(Writer& writer, Spool& spool, BatchKind kind, const std::string& digest) {
    Appended appended;
    appended.begin = writer.tail.end();
    WEIR_RETURN_IF_ERROR(writer.tail.reserve(spool.bytes() + (kind == BatchKind::kStamped ? 2 : 0) *
                                                                 kAcknowledgementBytesMax));
    Status status = kind == BatchKind::kStamped ? write_stamped(writer, spool, digest)
                                                : write_as_it_is(writer, spool);
    writer.tail.release();
    if (!status) return tl::unexpected(std::move(status).error());
    appended.end = writer.tail.end();
    return appended;
  }

  Status write_stamped(Writer& writer, Spool& spool, const std::string& digest) {
    ProducerSequence& own = writer.own;
    std::string buffer;
    if (own.begin >= 0) {
      // An append died before its acknowledgement: repeating the last one takes its documents back.
      // Where there was none, a clock just below theirs says the same.
      const ClockTicks clock = own.last_commit != 0 ? own.last_commit : own.first_continue - 1;
      buffer += acknowledgement(uuid_of(clock, Flags::kAck), {});
    }
    const ClockTicks last = std::max(own.last_commit, own.max_continue);
    ClockTicks clock =
        std::max((last & ~ClockTicks{0xf}) + kTick, document::clock_of(options_.clock->now()));
    SpooledLine line;
    for (;;) {
      WEIR_TRY(const bool more, spool.next(line));
      if (!more) break;
      const std::size_t at = buffer.size();
      buffer += line.text;
      write_uuid(uuid_of(clock, Flags::kContinue), buffer.data() + at + line.uuid_at);
      buffer += '\n';
      clock += kTick;
      if (buffer.size() >= kWriteBytes) WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
    }
    WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
    fault_point("journal.written");
    WEIR_RETURN_IF_ERROR(writer.tail.sync());
    fault_point("journal.synced");
    buffer = acknowledgement(uuid_of(clock, Flags::kAck), digest);
    WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
    fault_point("journal.acknowledged");
    WEIR_RETURN_IF_ERROR(writer.tail.sync());
    fault_point("journal.committed");
    own = {.last_commit = clock, .first_continue = 0, .max_continue = 0, .begin = -1};
    remember(own, writer.tail.end(), digest);
    fault_point("journal.remembered");
    return {};
  }

  Status write_as_it_is(Writer& writer, Spool& spool) {
    std::string buffer;
    SpooledLine line;
    for (;;) {
      WEIR_TRY(const bool more, spool.next(line));
      if (!more) break;
      if (line.acknowledgement) {
        WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
        WEIR_RETURN_IF_ERROR(writer.tail.sync());
      }
      buffer += line.text;
      buffer += '\n';
      if (buffer.size() >= kWriteBytes) WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
    }
    WEIR_RETURN_IF_ERROR(flush(writer.tail, buffer));
    // Not remembered: the next append reads it, and learns what these documents say of our own
    // producer.
    return writer.tail.sync();
  }

  static Status flush(JournalTail& tail, std::string& buffer) {
    if (buffer.empty()) return {};
    fault_point("journal.writing");
    WEIR_RETURN_IF_ERROR(tail.append(buffer));
    buffer.clear();
    return {};
  }

  document::Uuid uuid_of(ClockTicks clock, Flags flags) const {
    return {clock, own_, static_cast<std::uint16_t>(flags)};
  }

  const AppenderOptions options_;
  const std::string folder_;
  const document::Producer own_;
  JournalIndex index_;
  Placed placed_ = Placed::kJournal;
};

}  // namespace

std::string default_journal_of(std::string_view collection) {
  return fmt::format("{}/pivot=00", collection);
}

Result<std::unique_ptr<Appender>> Appender::open(const AppenderOptions& options) {
  WEIR_CHECK(options.clock != nullptr);
  WEIR_CHECK(options.random != nullptr);
  WEIR_RETURN_IF_ERROR(check_journal_name(options.journal));
  std::string folder = journal_folder(options.root, options.journal);
  WEIR_RETURN_IF_ERROR(io::make_folders(folder));
  WEIR_TRY(const document::Producer own, producer_of_root(options.root, *options.random));
  return std::unique_ptr<Appender>(new FileAppender(options, std::move(folder), own));
}

}  // namespace weir::journal
