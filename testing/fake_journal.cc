#include "testing/fake_journal.h"

#include <algorithm>

#include "base/check.h"

namespace weir::testing {
namespace {

constexpr document::Producer kProducer = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06};
constexpr std::string_view kPivot = "/pivot=00";
constexpr std::size_t kPadding = 64;  // behind the text, for simdjson

}  // namespace

class FakeReader : public journal::Reader {
 public:
  FakeReader(const FakeJournals& journals, const FakeJournals::Journal& journal,
             const protocol::Source& position)
      : journals_(journals), journal_(journal) {
    const auto read = [&](const FakeJournals::Line& line) {
      return line.begin < position.read_through;
    };
    const auto at = std::partition_point(journal.lines.begin(), journal.lines.end(), read);
    at_ = static_cast<std::size_t>(at - journal.lines.begin());
  }

  Result<std::optional<journal::Batch>> next() override {
    if (at_ == journal_.lines.size()) return std::nullopt;
    const std::size_t end = std::min(journal_.lines.size(), at_ + journals_.batch_);
    auto buffer = std::make_shared<std::string>();
    std::vector<std::size_t> starts;
    for (std::size_t i = at_; i < end; ++i) {
      starts.push_back(buffer->size());
      *buffer += journal_.lines[i].text + "\n";
    }
    buffer->reserve(buffer->size() + kPadding);
    journal::Batch batch;
    for (std::size_t i = at_; i < end; ++i) {
      const FakeJournals::Line& line = journal_.lines[i];
      batch.documents.push_back(
          {std::string_view(*buffer).substr(starts[i - at_], line.text.size()), line.clock,
           line.begin});
    }
    batch.buffer = std::move(buffer);
    at_ = end;
    return batch;
  }

  bool at_boundary() const override { return at_ == 0 || journal_.lines[at_ - 1].last_of_run; }

  protocol::Source position() const override {
    WEIR_CHECK(at_boundary());
    protocol::Source source;
    if (at_ == 0) return source;
    source.read_through = at_ == journal_.lines.size() ? journal_.end : journal_.lines[at_].begin;
    source.producers[std::string(kProducer.begin(), kProducer.end())] = {
        .last_ack = journal_.lines[at_ - 1].clock, .begin = -1};
    return source;
  }

  std::int64_t bytes_behind() const override {
    return at_ == journal_.lines.size() ? 0 : journal_.end - journal_.lines[at_].begin;
  }

 private:
  const FakeJournals& journals_;
  const FakeJournals::Journal& journal_;
  std::size_t at_ = 0;
};

void FakeJournals::append(const std::string& collection,
                          const std::vector<std::string>& documents) {
  Journal& journal = journals_[collection + std::string(kPivot)];
  for (const std::string& document : documents) {
    WEIR_CHECK(document.size() > 1 && document.front() == '{');
    Line line;
    // Newer clocks tick by a microsecond, which leaves the counter at zero.
    last_clock_ = std::max(document::clock_of(clock_.now()), last_clock_ + 160);
    line.clock = last_clock_;
    line.text = document;
    if (document.find("\"_meta\"") == std::string::npos) {
      const std::string uuid =
          document::format_uuid({.clock = line.clock,
                                 .producer = kProducer,
                                 .flags = static_cast<std::uint16_t>(document::Flags::kContinue)});
      const bool empty = document.find_first_not_of(" ", 1) == document.size() - 1;
      line.text =
          "{\"_meta\":{\"uuid\":\"" + uuid + "\"}" + (empty ? "" : ",") + document.substr(1);
    }
    line.begin = journal.end;
    journal.end += static_cast<std::int64_t>(line.text.size()) + 1;
    journal.lines.push_back(std::move(line));
  }
  if (!documents.empty()) journal.lines.back().last_of_run = true;
}

std::vector<std::string> FakeJournals::documents(const std::string& collection) const {
  std::vector<std::string> out;
  const auto found = journals_.find(collection + std::string(kPivot));
  if (found == journals_.end()) return out;
  for (const Line& line : found->second.lines) out.push_back(line.text);
  return out;
}

std::size_t FakeJournals::documents_before(const std::string& journal, std::int64_t offset) const {
  const auto found = journals_.find(journal);
  if (found == journals_.end()) return 0;
  const auto& lines = found->second.lines;
  const auto at = std::partition_point(lines.begin(), lines.end(),
                                       [&](const Line& line) { return line.begin < offset; });
  return static_cast<std::size_t>(at - lines.begin());
}

Result<std::vector<std::string>> FakeJournals::list(std::string_view collection) {
  const std::string name = std::string(collection) + std::string(kPivot);
  if (journals_.find(name) == journals_.end()) return std::vector<std::string>{};
  return std::vector<std::string>{name};
}

Result<std::unique_ptr<journal::Reader>> FakeJournals::open(std::string_view journal,
                                                            const protocol::Source& position) {
  const auto found = journals_.find(std::string(journal));
  if (found == journals_.end()) return error(Code::kNotFound, "no journal {}", journal);
  return std::make_unique<FakeReader>(*this, found->second, position);
}

}  // namespace weir::testing
