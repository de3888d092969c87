// weir init
#include <algorithm>

#include "app/commands.h"
#include "app/init_catalog.h"
#include "app/init_plan.h"
#include "app/init_sample.h"
#include "app/output.h"
#include "app/wiring.h"
#include "catalog/load.h"
#include "catalog/validate.h"
#include "io/file.h"
#include "json/host/re2_regex.h"
#include "json/host/yaml.h"

namespace weir::app {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kEndpoint = "sqlite:tables.db";
constexpr std::string_view kOutput = "flow.yaml";
constexpr std::size_t kAppendsShown = 8;

struct Plan {
  std::vector<PlannedCollection> collections;
  std::string output;  // "-": standard output
  std::string database;
};

Result<std::string> database_of(const Arguments& arguments) {
  const std::string endpoint =
      arguments.given("--endpoint") ? arguments.text("--endpoint") : std::string(kEndpoint);
  if (endpoint.starts_with(kSqlite) && endpoint.size() > kSqlite.size())
    return endpoint.substr(kSqlite.size());
  return error(Code::kInvalid,
               "--endpoint {}: tables are kept in SQLite by this version: --endpoint sqlite:PATH",
               endpoint);
}

// An endpoint that cannot be opened is better told of here than by the first run.
Status check_folders(const Plan& plan) {
  const std::string output = io::folder_of(plan.output);
  if (plan.output != "-" && !io::file_info(output))
    return error(Code::kInvalid, "--output {}: the folder {} does not exist; make it first",
                 plan.output, output);
  const std::string path = io::folder_of(plan.database);
  const std::string from = plan.output == "-" ? "." : output;
  const std::string folder = path.starts_with('/') ? path : from + "/" + path;
  if (io::file_info(folder)) return {};
  return error(Code::kInvalid, "--endpoint sqlite:{}: the folder {} does not exist; make it first",
               plan.database, path);
}

Result<Plan> plan_of(const Arguments& arguments) {
  Plan plan;
  plan.output = arguments.given("--output") ? arguments.text("--output") : std::string(kOutput);
  WEIR_TRY(plan.database, database_of(arguments));
  WEIR_RETURN_IF_ERROR(check_folders(plan));
  WEIR_TRY(plan.collections,
           plan_collections(arguments.positionals(), arguments.text("--collection")));
  return plan;
}

// How messages call the inputs of a collection.
std::string name_of_inputs(const PlannedCollection& planned) {
  const std::string first = name_of_input(planned.inputs.front());
  if (planned.inputs.size() == 1) return first;
  return fmt::format("{} and {} more", first, planned.inputs.size() - 1);
}

Result<std::vector<std::string>> key_of(const PlannedCollection& planned, const Sample& sample,
                                        const std::vector<std::string>& given) {
  const std::string name = name_of_inputs(planned);
  for (const std::string& pointer : given) {
    if (const Status good = sample.check_key(pointer); !good)
      return tl::unexpected(with_context("--key: " + name, good.error()));
  }
  if (!given.empty()) return given;
  std::vector<std::string> found = sample.proposed_key();
  for (const std::string& pointer : found) {
    if (const Status good = sample.check_key(pointer); !good)
      return tl::unexpected(with_context(name, good.error()));
  }
  if (!found.empty()) return found;
  return error(Code::kInvalid,
               "{}: nothing that all documents have, and no pair of it, is a text or an integer "
               "that differs in all of them; say by what they are one, as in --key /id, or several "
               "times for several locations",
               name);
}

Result<InitCollection> learn(const PlannedCollection& planned, const Plan& plan,
                             const std::vector<std::string>& keys) {
  Sample sample;
  bool from_input = false;
  for (const std::string& input : planned.inputs) {
    from_input = from_input || input == "-";
    WEIR_TRY(auto source, open_byte_source(input));
    WEIR_RETURN_IF_ERROR(sample.read(name_of_input(input), std::move(source)));
  }
  if (sample.documents() == 0)
    return error(Code::kInvalid, "{} has no document to learn from",
                 name_of_input(planned.inputs.front()));
  InitCollection out;
  out.name = planned.name;
  out.table = table_name_of(planned.name);
  out.schema_json = sample.schema_json();
  out.documents = sample.documents();
  out.compared = sample.compared();
  out.cut_short = sample.cut_short();
  out.key_given = !keys.empty();
  WEIR_TRY(out.key, key_of(planned, sample, keys));
  if (!sample.lines() || from_input) return out;
  WEIR_TRY(out.files, patterns_for(planned.inputs, plan.output));
  return out;
}

// What is written must be a catalog without findings; a name that the user gave may prevent that.
Status check(const std::string& text) {
  catalog::MemoryFiles files({{"flow.yaml", text}});
  catalog::LoadOptions options;
  options.files = &files;
  options.yaml = [](std::string_view yaml, json::Arena& arena) {
    return json::parse_yaml(yaml, arena);
  };
  options.regex = json::re2_regex_factory();
  catalog::Loaded loaded = catalog::load({"flow.yaml"}, options);
  make_paths_absolute(loaded.catalog);
  const std::vector<catalog::Problem> problems =
      catalog::validate(loaded, {.strict = true, .constraints_of = constraints_of_destinations()});
  if (problems.empty()) return {};
  return error(Code::kInvalid, "no catalog can be made of this: {}. {}", problems.front().message,
               problems.front().remedy);
}

Status write_new(const std::string& path, const std::string& text) {
  if (io::file_info(path))
    return error(Code::kInvalid,
                 "{} exists, and weir init never overwrites: name another file with --output, or "
                 "print to standard output with --output -",
                 path);
  WEIR_TRY(auto file, io::File::open(path, io::File::Open::kCreateNew));
  Status written = file.write_at(0, text);
  if (written) written = file.sync();
  if (!written) (void)io::remove_file(path);
  return written;
}

// A word as a shell takes it.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:=@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// What was made of the inputs: "  my/orders: key /id, 15 documents of 3 files".
std::string summary_of(const InitCollection& collection, const PlannedCollection& planned) {
  std::string out = "  " + collection.name + ": key ";
  for (const std::string& pointer : collection.key)
    out += (&pointer == &collection.key.front() ? "" : ", ") + pointer;
  out += ", " + counted(collection.documents, "document");
  if (planned.inputs.size() > 1) out += " of " + counted(planned.inputs.size(), "file");
  if (collection.cut_short) out += ", which are not all";
  return out + "\n";
}

// A command for each file, or one for all where a pattern of the shell names them.
std::string appends_of(const std::string& collection, const std::vector<std::string>& inputs,
                       const std::string& flow) {
  const auto patterns = patterns_for(inputs, "-");
  constexpr std::string_view kMeaning = "\\?[]'\" $&;|<>()`~#!{}\n\t";
  if (inputs.size() > 1 && patterns && patterns->size() == 1 &&
      patterns->front().find_first_of(kMeaning) == std::string::npos)
    return fmt::format("  for file in {}; do weir append {} \"$file\"{}; done\n", patterns->front(),
                       collection, flow);
  std::string out;
  for (std::size_t n = 0; n < std::min(inputs.size(), kAppendsShown); ++n)
    out += fmt::format("  weir append {} {}{}\n", collection, quoted(inputs[n]), flow);
  if (inputs.size() > kAppendsShown)
    out += fmt::format("  …and so for {} more\n", inputs.size() - kAppendsShown);
  return out;
}

void say_next(const Plan& plan, const InitCatalog& catalog) {
  const bool printed = plan.output == "-";
  const bool usual = printed || plan.output == kOutput;
  const std::string flow = usual ? "" : " --flow " + quoted(plan.output);
  std::string text;
  std::string next = printed ? "next, with it in flow.yaml:\n" : "next:\n";
  if (!printed) text = fmt::format("wrote {}\n", plan.output);
  for (std::size_t i = 0; i < catalog.collections.size(); ++i) {
    const InitCollection& each = catalog.collections[i];
    const std::vector<std::string>& inputs = plan.collections[i].inputs;
    text += summary_of(each, plan.collections[i]);
    if (!each.files.empty()) continue;
    next += appends_of(each.name, inputs, flow);
  }
  note(text + next +
       fmt::format("  weir run --until-caught-up{}\n", usual ? "" : " " + quoted(plan.output)));
}

Status init(const Arguments& arguments) {
  WEIR_TRY(const Plan plan, plan_of(arguments));
  if (plan.output != "-" && io::file_info(plan.output))
    return write_new(plan.output, "");  // before anything is read
  InitCatalog catalog;
  catalog.database = plan.database;
  for (const PlannedCollection& planned : plan.collections) {
    WEIR_TRY(InitCollection learned, learn(planned, plan, arguments.texts("--key")));
    catalog.collections.push_back(std::move(learned));
  }
  const std::string text = init_catalog_text(catalog);
  WEIR_RETURN_IF_ERROR(check(text));
  if (plan.output == "-") {
    print(text);
  } else {
    WEIR_RETURN_IF_ERROR(write_new(plan.output, text));
  }
  say_next(plan, catalog);
  return {};
}

ExitCode run(const Arguments& arguments) {
  if (const Status done = init(arguments); !done) {
    print_error(done.error().message);
    return ExitCode::kFailed;
  }
  return ExitCode::kDone;
}

}  // namespace

const Command& init_command() {
  static const Command command{
      .name = "init",
      .summary = "Write a first catalog from sample documents",
      .description =
          "Reads documents, works out what they have in common, and writes a catalog that keeps a "
          "table of them: the schema with types, formats and what is always there; a key, proposed "
          "from what differs in all of them; and a webhook, commented out. Nothing is ever "
          "overwritten.\n\n"
          "A file is JSON lines, one JSON array, or CSV with a header, plain or compressed by gzip "
          "or zstd; its content tells. A folder stands for such files in it. Each file becomes a "
          "collection named after it; files whose names differ in digits only become one, and "
          "--collection puts all into one.\n\n"
          "Files of JSON lines are read where they lie, and followed as they grow. Arrays, tables "
          "and standard input are brought in by `weir append`; the command is printed.\n\n"
          "From a file to a table and a webhook:\n\n"
          "  weir init orders.jsonl          # writes flow.yaml\n"
          "  weir run --until-caught-up      # fills the table orders in tables.db\n"
          "  sqlite3 tables.db 'SELECT * FROM orders LIMIT 5'\n"
          "  $EDITOR flow.yaml               # take the # away from the triggers\n"
          "  weir validate\n"
          "  weir listen --port 8417 &       # a receiver to try with\n"
          "  weir run                        # follows the file, and tells the receiver",
      .positionals = {{.name = "FILES",
                       .help = "Sample documents, or folders of them; - reads standard input",
                       .at_least = 1,
                       .at_most = kMany}},
      .options = {{.name = "--key",
                   .kind = ValueKind::kText,
                   .value = "PTR",
                   .help = "By which location documents are one, as a JSON pointer; several make a "
                           "key of several parts",
                   .default_value = "what is unique",
                   .repeated = true},
                  {.name = "--endpoint",
                   .kind = ValueKind::kText,
                   .value = "ENDPOINT",
                   .help = "Where the tables are kept: sqlite:PATH, relative to the catalog",
                   .default_value = kEndpoint},
                  {.name = "--collection",
                   .kind = ValueKind::kText,
                   .value = "NAME",
                   .help = "Put all files into one collection of this name",
                   .default_value = "one for each kind of file"},
                  {.name = "--output",
                   .kind = ValueKind::kText,
                   .value = "FILE",
                   .help = "Where to write the catalog; - prints it",
                   .default_value = kOutput,
                   .short_name = "-o"}},
      .exits = {{ExitCode::kDone, {}},
                {ExitCode::kFailed, "a sample is bad, or the catalog exists already"},
                {ExitCode::kUsage, {}}},
      .examples = {{"weir init orders.jsonl && weir run --until-caught-up",
                    "A filled table, two commands after a file."},
                   {"weir init customers.csv --key /customer_id -o - | less",
                    "Look at it before anything is written."},
                   {"weir init data",
                    "A folder: of its files 2026-11-01.json, 2026-11-02.json and "
                    "so on one table, which follows new ones."},
                   {"weir init logs/*.jsonl --collection my/events",
                    "Many files of any names, one table."}},
      .run = run};
  return command;
}

}  // namespace weir::app
