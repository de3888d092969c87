// weir read
#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/folders.h"
#include "app/output.h"
#include "app/wiring.h"
#include "base/text.h"
#include "base/wake.h"
#include "io/file.h"
#include "io/watch.h"
#include "journal/append.h"
#include "journal/file_journal.h"
#include "journal/find_files.h"

namespace weir::app {
namespace {

constexpr std::chrono::seconds kLookAgain{1};

// The journals of one collection, read one after the other and then again from where each was left.
class Reading {
 public:
  Reading(journal::Journals& journals, std::string collection, std::uint64_t limit)
      : journals_(journals), collection_(std::move(collection)), left_(limit) {}

  // Prints what there is; false once the limit is reached.
  Result<bool> read_all() {
    WEIR_TRY(const std::vector<std::string> names, journals_.list(collection_));
    for (const std::string& name : names) {
      if (readers_.contains(name)) continue;
      WEIR_TRY(auto reader, journals_.open(name, {}));
      readers_.emplace(name, std::move(reader));
    }
    for (auto& [name, reader] : readers_) {
      WEIR_TRY(const bool more, read_one(*reader));
      if (!more) return false;
    }
    return true;
  }
  bool any() const { return !readers_.empty(); }

 private:
  Result<bool> read_one(journal::Reader& reader) {
    for (;;) {
      WEIR_TRY(const std::optional<journal::Batch> batch, reader.next());
      if (!batch) return true;
      std::string lines;
      for (const journal::Document& document : batch->documents) {
        if (left_ == 0) break;
        lines += document.json;
        lines += '\n';
        if (left_ != kNoLimit) --left_;
      }
      print(lines);
      if (left_ == 0) return false;
    }
  }

  static constexpr std::uint64_t kNoLimit = UINT64_MAX;
  journal::Journals& journals_;
  std::string collection_;
  std::uint64_t left_;
  std::map<std::string, std::unique_ptr<journal::Reader>> readers_;
};

Status follow(Reading& reading, const std::vector<std::string>& folders) {
  WakeUp changed;
  const auto watcher = io::Watcher::start(changed);
  for (const std::string& folder : folders) WEIR_RETURN_IF_ERROR(watcher->add(folder));
  for (;;) {
    WEIR_TRY(const bool more, reading.read_all());
    if (!more) return {};
    changed.wait(kLookAgain);  // fragments of new partitions lie in folders that are not watched
  }
}

// The folders that new documents of a collection appear in; those that come later are looked into
// without being told.
Result<std::vector<std::string>> folders_of(const catalog::Collection& collection,
                                            const Folders& folders) {
  const std::string& name = collection.spec.name;
  if (!collection.files)
    return std::vector<std::string>{
        journal::journal_folder(folders.journals, journal::default_journal_of(name))};
  WEIR_TRY(auto found, journal::find_files({collection.files->folder, collection.files->patterns}));
  return std::move(found.folders);
}

Status read(const Arguments& arguments, const Folders& folders,
            const catalog::Collection& collection) {
  std::map<std::string, catalog::FileSource> files;
  if (collection.files) files.emplace(collection.spec.name, *collection.files);
  const auto journals = make_journals(folders.journals, files, arguments.flag("--skip-gaps"));
  const std::uint64_t limit = arguments.given("--limit") ? arguments.count("--limit") : UINT64_MAX;
  Reading reading(*journals, collection.spec.name, limit);
  if (limit == 0) return {};
  if (arguments.flag("--follow")) {
    WEIR_TRY(const auto watched, folders_of(collection, folders));
    return follow(reading, watched);
  }
  const auto done = reading.read_all();
  return done ? Status() : tl::unexpected(done.error());
}

ExitCode run(const Arguments& arguments) {
  std::vector<std::string> flow = arguments.texts("--flow");
  flow.insert(flow.end(), arguments.positionals().begin() + 1, arguments.positionals().end());
  const auto folders = find_folders(arguments, std::move(flow));
  if (!folders) {
    print_error(folders.error().message);
    return ExitCode::kFailed;
  }
  const auto collection = find_collection(folders->flow, arguments.positionals().front());
  if (!collection) {
    print_error(collection.error().message);
    return collection.error().code == Code::kNotFound ? ExitCode::kUsage : ExitCode::kCatalog;
  }
  const Status done = read(arguments, *folders, *collection);
  if (!done) {
    print_error(done.error().message);
    return exit_code_of(done.error().code);
  }
  return ExitCode::kDone;
}

}  // namespace

const Command& read_command() {
  static const Command command{
      .name = "read",
      .summary = "Print the documents of a collection's journals",
      .description =
          "Prints every committed document of a collection, one a line, as it stands in the "
          "journals: in "
          "the order of the journal, with its `/_meta/uuid`, and not reduced. Acknowledgements and "
          "batches "
          "that do not count are left out.\n\n"
          "A collection of plain files (`files:`) is read where they lie, in the order in which a "
          "table is "
          "filled from them.",
      .positionals = {{.name = "COLLECTION", .help = "A collection of the catalog", .at_least = 1},
                      flow_positional()},
      .options = {{.name = "--follow", .help = "Go on as documents arrive, until interrupted"},
                  {.name = "--limit",
                   .kind = ValueKind::kCount,
                   .value = "N",
                   .help = "End after this many documents",
                   .default_value = "all"},
                  flow_option(),
                  journals_option(),
                  skip_gaps_option()},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "a journal cannot be read"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}}},
      .examples = {{"weir read acme/orders --limit 3", "The oldest three."},
                   {"weir read acme/orders --follow | jq .total", "What arrives, as it arrives."}},
      .run = run};
  return command;
}

}  // namespace weir::app
