// A record is a header of fixed size and the bytes of key, values and document. Byte order is the
// machine's.
#include "document/spill.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::document {
namespace {

constexpr std::size_t kWriteBytes = 1u << 20;
constexpr std::size_t kReadBytesMin = 4u << 10;
constexpr std::size_t kReadBytesMax = 256u << 10;

constexpr std::uint32_t kFront = 1;
constexpr std::uint32_t kReduced = 2;
constexpr std::uint32_t kPacked = 4;

struct Header {
  std::uint32_t binding = 0;
  std::uint32_t key_size = 0;
  std::uint32_t values_size = 0;
  std::uint32_t document_size = 0;
  std::uint32_t flags = 0;

  std::size_t body() const { return std::size_t{key_size} + values_size + document_size; }
};

std::uint32_t flags_of(const Record& record) {
  return (record.front ? kFront : 0) | (record.reduced ? kReduced : 0) |
         (record.packed ? kPacked : 0);
}

}  // namespace

Status RunWriter::begin_run() {
  if (runs_.size() == kSpillRunsMax) {
    return error(Code::kLimit,
                 "one transaction spilled {} times; give the combiner more memory or end "
                 "transactions earlier",
                 kSpillRunsMax);
  }
  runs_.push_back({written_, written_});
  return {};
}

Status RunWriter::add(const Record& record) {
  const Header header{record.binding, static_cast<std::uint32_t>(record.key.size()),
                      static_cast<std::uint32_t>(record.values.size()),
                      static_cast<std::uint32_t>(record.document.size()), flags_of(record)};
  pending_.append(reinterpret_cast<const char*>(&header), sizeof(header));
  pending_.append(record.key).append(record.values).append(record.document);
  return pending_.size() >= kWriteBytes ? flush() : Status{};
}

Status RunWriter::flush() {
  WEIR_RETURN_IF_ERROR(file_.append(pending_));
  written_ += pending_.size();
  pending_.clear();
  return {};
}

Status RunWriter::end_run() {
  WEIR_RETURN_IF_ERROR(flush());
  runs_.back().end = written_;
  pending_ = std::string();
  return {};
}

Status RunWriter::clear() {
  runs_.clear();
  written_ = 0;
  pending_.clear();
  return file_.reset();
}

class RunMerger::Reader {
 public:
  Reader(SpillFile& file, RunWriter::Run run, std::size_t buffer_bytes)
      : file_(file), at_(run.begin), end_(run.end), buffer_(buffer_bytes) {}

  // False at the end of the run.
  Result<bool> next() {
    if (held() == 0 && at_ == end_) return false;
    Header header;
    WEIR_RETURN_IF_ERROR(fill(sizeof(header)));
    std::memcpy(&header, buffer_.data() + begin_, sizeof(header));
    WEIR_RETURN_IF_ERROR(fill(sizeof(header) + header.body()));
    const char* body = buffer_.data() + begin_ + sizeof(header);
    record_.binding = header.binding;
    record_.key = {body, header.key_size};
    record_.values = {body + header.key_size, header.values_size};
    record_.document = {body + header.key_size + header.values_size, header.document_size};
    record_.front = (header.flags & kFront) != 0;
    record_.reduced = (header.flags & kReduced) != 0;
    record_.packed = (header.flags & kPacked) != 0;
    begin_ += sizeof(header) + header.body();
    return true;
  }
  const Record& record() const { return record_; }
  std::size_t memory_used() const { return buffer_.capacity(); }

 private:
  std::size_t held() const { return filled_ - begin_; }

  Status fill(std::size_t bytes) {
    if (held() >= bytes) return {};
    std::memmove(buffer_.data(), buffer_.data() + begin_, held());
    filled_ = held();
    begin_ = 0;
    if (buffer_.size() < bytes) buffer_.resize(bytes);
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size() - filled_, end_ - at_));
    if (filled_ + count < bytes) return error(Code::kCorrupt, "a spilled run ends early");
    WEIR_RETURN_IF_ERROR(file_.read(at_, {buffer_.data() + filled_, count}));
    at_ += count;
    filled_ += count;
    return {};
  }

  SpillFile& file_;
  std::uint64_t at_;
  const std::uint64_t end_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t filled_ = 0;
  Record record_;
};

RunMerger::RunMerger(SpillFile& file, const std::vector<RunWriter::Run>& runs,
                     std::size_t memory_max) {
  const std::size_t each =
      std::clamp(memory_max / std::max<std::size_t>(1, runs.size()), kReadBytesMin, kReadBytesMax);
  for (const RunWriter::Run& run : runs) {
    readers_.push_back(std::make_unique<Reader>(file, run, each));
  }
}

RunMerger::~RunMerger() = default;

bool RunMerger::before(std::uint32_t a, std::uint32_t b) const {
  const Record& left = readers_[a]->record();
  const Record& right = readers_[b]->record();
  if (left.binding != right.binding) return left.binding < right.binding;
  const int order = left.key.compare(right.key);
  return order != 0 ? order < 0 : a < b;
}

void RunMerger::sink(std::size_t at) {
  for (;;) {
    std::size_t first = at;
    for (std::size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap_.size(); ++child) {
      if (before(heap_[child], heap_[first])) first = child;
    }
    if (first == at) return;
    std::swap(heap_[at], heap_[first]);
    at = first;
  }
}

Status RunMerger::start() {
  for (std::uint32_t i = 0; i < readers_.size(); ++i) {
    WEIR_TRY(const bool more, readers_[i]->next());
    if (more) heap_.push_back(i);
  }
  for (std::size_t i = heap_.size(); i-- > 0;) sink(i);
  return {};
}

const Record* RunMerger::current() const {
  return heap_.empty() ? nullptr : &readers_[heap_.front()]->record();
}

Status RunMerger::advance() {
  WEIR_TRY(const bool more, readers_[heap_.front()]->next());
  if (!more) {
    heap_.front() = heap_.back();
    heap_.pop_back();
  }
  sink(0);
  return {};
}

std::size_t RunMerger::memory_used() const {
  std::size_t bytes = 0;
  for (const auto& reader : readers_) bytes += reader->memory_used();
  return bytes;
}

}  // namespace weir::document
