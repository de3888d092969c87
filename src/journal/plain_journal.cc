#include "journal/plain_journal.h"

#include "base/check.h"
#include "journal/plain_reader.h"
#include "journal/read_ahead.h"

namespace weir::journal {
namespace {

constexpr std::string_view kSuffix = "/files";

class PlainJournals final : public Journals {
 public:
  PlainJournals(PlainJournalOptions options, std::unique_ptr<Journals> others)
      : options_(std::move(options)), others_(std::move(others)) {}

  Result<std::vector<std::string>> list(std::string_view collection) override {
    if (!options_.collections.contains(collection)) return others_->list(collection);
    return std::vector<std::string>{plain_journal_of(collection)};
  }

  Result<std::unique_ptr<Reader>> open(std::string_view journal,
                                       const protocol::Source& position) override {
    const FilePatterns* const patterns = find(journal);
    if (patterns == nullptr) return others_->open(journal, position);
    auto reader = std::make_unique<PlainReader>(std::string(journal), *patterns, options_);
    WEIR_RETURN_IF_ERROR(reader->restore(position));
    WEIR_RETURN_IF_ERROR(reader->look());
    if (options_.read_ahead && reader->files() <= kReadAheadFilesMax)
      return make_read_ahead(std::move(reader));
    return std::unique_ptr<Reader>(std::move(reader));
  }

  std::string place_of(std::string_view journal, const Batch& batch,
                       const Document& document) const override {
    if (batch.file == nullptr) return others_->place_of(journal, batch, document);
    const std::uint64_t column = column_of_problem(document.json);
    return place_in_file(*batch.file, static_cast<std::uint64_t>(document.begin), column);
  }

 private:
  const FilePatterns* find(std::string_view journal) const {
    if (!journal.ends_with(kSuffix)) return nullptr;
    const auto found =
        options_.collections.find(journal.substr(0, journal.size() - kSuffix.size()));
    return found == options_.collections.end() ? nullptr : &found->second;
  }

  const PlainJournalOptions options_;
  const std::unique_ptr<Journals> others_;
};

}  // namespace

std::unique_ptr<Journals> make_plain_journals(PlainJournalOptions options,
                                              std::unique_ptr<Journals> others) {
  WEIR_CHECK(options.clock != nullptr);
  return std::make_unique<PlainJournals>(std::move(options), std::move(others));
}

std::string plain_journal_of(std::string_view collection) {
  return std::string(collection) + std::string(kSuffix);
}

}  // namespace weir::journal
