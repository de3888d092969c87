#include "journal/file_journal.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "io/file.h"
#include "journal/file_reader.h"
#include "journal/read_ahead.h"

namespace weir::journal {
namespace {

constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kGenerationDigits = 16;

bool is_journal_folder(std::string_view name) {
  return name.starts_with("pivot=");
}

// Between a collection's folder and its journals lie partitions (`region=eu`) and, in stores of
// newer publications, a generation of 16 hex digits. Other folders belong to other collections.
bool leads_to_journals(std::string_view name) {
  if (name.find('=') != std::string_view::npos) return true;
  return name.size() == kGenerationDigits &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class FileJournals final : public Journals {
 public:
  explicit FileJournals(FileJournalOptions options) : options_(std::move(options)) {}

  Result<std::vector<std::string>> list(std::string_view collection) override {
    WEIR_RETURN_IF_ERROR(check_journal_name(collection));
    std::vector<std::string> found;
    WEIR_RETURN_IF_ERROR(collect(std::string(collection), found));
    std::sort(found.begin(), found.end());
    return found;
  }

  Result<std::unique_ptr<Reader>> open(std::string_view journal,
                                       const protocol::Source& position) override {
    WEIR_RETURN_IF_ERROR(check_journal_name(journal));
    auto reader = std::make_unique<FileReader>(std::string(journal), options_);
    WEIR_RETURN_IF_ERROR(reader->restore(position));
    if (options_.read_ahead) return make_read_ahead(std::move(reader));
    return std::unique_ptr<Reader>(std::move(reader));
  }

 private:
  Status collect(const std::string& name, std::vector<std::string>& found) const {
    auto entries = io::list_folder(journal_folder(options_.root, name));
    if (!entries) {
      if (entries.error().code == Code::kNotFound) return {};
      return tl::unexpected(std::move(entries).error());
    }
    for (const io::FolderEntry& entry : *entries) {
      if (entry.kind != io::FileKind::kFolder || !leads_to_journals(entry.name)) continue;
      const std::string below = name + "/" + entry.name;
      if (!is_journal_folder(entry.name)) {
        WEIR_RETURN_IF_ERROR(collect(below, found));
        continue;
      }
      if (found.size() == kJournalsMax)
        return error(Code::kLimit, "{} has more than {} journals", name, kJournalsMax);
      found.push_back(below);
    }
    return {};
  }

  const FileJournalOptions options_;
};

}  // namespace

std::unique_ptr<Journals> make_file_journals(FileJournalOptions options) {
  WEIR_CHECK(options.clock != nullptr);
  return std::make_unique<FileJournals>(std::move(options));
}

std::string journal_folder(const std::string& root, std::string_view journal) {
  return fmt::format("{}/{}", root, journal);
}

Status check_journal_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax)
    return error(Code::kInvalid, "a name of {} bytes, where 1 to {} are possible", name.size(),
                 kNameBytesMax);
  for (const std::string_view part : split(name, '/'))
    if (part.empty() || part == "." || part == "..")
      return error(Code::kInvalid,
                   "\"{}\" is no collection or journal name: empty, . and .. are no parts of one",
                   name);
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return error(Code::kInvalid, "a collection or journal name with a control character");
  return {};
}

}  // namespace weir::journal
