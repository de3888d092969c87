// weir append
#include <unistd.h>

#include "app/catalog_access.h"
#include "app/commands.h"
#include "app/document_check.h"
#include "app/folders.h"
#include "app/init_sample.h"
#include "app/output.h"
#include "journal/append.h"
#include "journal/document_source.h"

namespace weir::app {
namespace {

// The words of the command line.
struct Words {
  std::string collection;
  std::string file = "-";
  std::vector<std::string> flow;
};

Words words_of(const Arguments& arguments) {
  const std::vector<std::string>& given = arguments.positionals();
  Words words;
  words.collection = given[0];
  if (given.size() > 1) words.file = given[1];
  words.flow = arguments.texts("--flow");
  words.flow.insert(words.flow.end(), given.begin() + std::min<std::size_t>(2, given.size()),
                    given.end());
  return words;
}

Result<journal::Appended> append(const Arguments& arguments, const Words& words,
                                 const catalog::Collection& collection, const std::string& root) {
  WEIR_TRY(auto input, open_byte_source(words.file));
  const journal::ByteSource documents =
      journal::make_document_source(std::move(input), {.csv = csv_types(collection.spec)});
  WEIR_TRY(const DocumentChecker checker, DocumentChecker::make(collection.spec));
  Random random(random_seed());
  journal::AppenderOptions options;
  options.root = root;
  options.journal = journal::default_journal_of(words.collection);
  options.clock = &system_clock();
  options.random = &random;
  options.owner = fmt::format("weir append, process {}", ::getpid());
  options.lock_wait = arguments.duration("--lock-wait");
  WEIR_TRY(const auto appender, journal::Appender::open(options));
  journal::AppendOptions batch;
  batch.batch_id = arguments.text("--batch-id");
  batch.input_name = name_of_input(words.file);
  batch.check = [&checker](std::string_view, const json::Value& root_value) {
    return checker.check(root_value);
  };
  return appender->append(documents, batch);
}

void report(const Arguments& arguments, const Words& words, const journal::Appended& done) {
  const std::string journal = journal::default_journal_of(words.collection);
  if (arguments.flag("--json")) {
    JsonRows rows;
    rows.begin();
    rows.text("collection", words.collection);
    rows.text("journal", journal);
    rows.number("documents", done.documents);
    rows.flag("already_there", done.already_there);
    rows.number("unacknowledged", done.unacknowledged);
    rows.number("begin", done.begin);
    rows.number("end", done.end);
    print(rows.finish());
    return;
  }
  if (done.already_there) {
    note(fmt::format("already there: a batch of this id was appended to {} before\n",
                     words.collection));
    return;
  }
  note(fmt::format("appended {} document{} to {}\n", done.documents, done.documents == 1 ? "" : "s",
                   words.collection));
  if (done.unacknowledged > 0) {
    note(fmt::format("{} of them count once their acknowledgement is appended\n",
                     done.unacknowledged));
  }
}

ExitCode run(const Arguments& arguments) {
  const Words words = words_of(arguments);
  if (arguments.given("--batch-id") && arguments.text("--batch-id").empty()) {
    print_error("--batch-id is empty: without an id a repeated batch counts twice");
    return ExitCode::kUsage;
  }
  const auto folders = find_folders(arguments, words.flow);
  if (!folders) {
    print_error(folders.error().message);
    return ExitCode::kFailed;
  }
  const auto collection = find_collection(folders->flow, words.collection);
  if (!collection) {
    print_error(collection.error().message);
    return collection.error().code == Code::kNotFound ? ExitCode::kUsage : ExitCode::kCatalog;
  }
  if (const Status appendable = check_appendable(*collection); !appendable) {
    print_error(appendable.error().message);
    return ExitCode::kFailed;
  }
  const auto done = append(arguments, words, *collection, folders->journals);
  if (!done) {
    print_error(done.error().message);
    return exit_code_of(done.error().code);
  }
  report(arguments, words, *done);
  return ExitCode::kDone;
}

}  // namespace

const Command& append_command() {
  static const Command command{
      .name = "append",
      .summary = "Append documents to a collection's journal",
      .description =
          "Reads documents and appends them to the journal of a collection as one batch: all of it "
          "counts, once it is safely on disk, or none of it.\n\n"
          "The input is JSON objects, one per line or separated by white space; one JSON array of "
          "them; or CSV with a header; plain, or compressed by gzip or zstd. Its content tells. A "
          "cell becomes what the schema says of its column: a number or a boolean where no text is "
          "admitted. An empty cell without quotes is absent.\n\n"
          "Each document must match the collection's write schema and have its key. Of a bad "
          "document the "
          "input's line and column and the place in the document are named, and nothing is "
          "appended.\n\n"
          "With --batch-id a batch that was appended before is not appended again, so that a "
          "script may "
          "repeat what it cannot tell to have worked.\n\n"
          "Documents get a `/_meta/uuid` unless they have one; a batch has either only documents "
          "with or "
          "only documents without it.",
      .positionals = {{.name = "COLLECTION", .help = "A collection of the catalog", .at_least = 1},
                      {.name = "FILE", .help = "What to append; - or nothing reads standard input"},
                      flow_positional()},
      .options =
          {{.name = "--batch-id",
            .kind = ValueKind::kText,
            .value = "ID",
            .help = "Append once, however often it is repeated",
            .default_value = "none"},
           {.name = "--lock-wait",
            .kind = ValueKind::kDuration,
            .value = "DURATION",
            .help = "How long to wait while another process appends to the same journal",
            .default_value = "30s"},
           flow_option(),
           journals_option(),
           json_option(
               "Print an array of one object {collection, journal, documents, already_there, "
               "unacknowledged, begin, end}")},
      .exits = {{ExitCode::kDone, "the batch counts, now or since an earlier append of its id"},
                {ExitCode::kFailed, "a document is bad, or the journal could not be written"},
                {ExitCode::kUsage, {}},
                {ExitCode::kCatalog, {}},
                {ExitCode::kOwned, "another process kept the journal locked"}},
      .examples = {{"weir append acme/orders orders.jsonl --batch-id 2026-11-22",
                    "A file, exactly once, however often cron repeats it."},
                   {"producer | weir append acme/orders", "From standard input."}},
      .run = run};
  return command;
}

}  // namespace weir::app
