// weir init
#include <filesystem>
#include <map>

#include "app/commands.h"
#include "app/folders.h"
#include "app/init_catalog.h"
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

// One collection that is to be, and the inputs that it is learned from.
struct Planned {
  std::string name;
  std::vector<std::string> inputs;
  Sample sample;
};

struct Plan {
  std::vector<Planned> collections;  // in the order of the command line
  std::string output;                // "-": standard output
  std::string database;
};

Result<std::string> database_of(const Arguments& arguments) {
  const std::string endpoint =
      arguments.given("--endpoint") ? arguments.text("--endpoint") : std::string(kEndpoint);
  if (endpoint.starts_with(kSqlite) && endpoint.size() > kSqlite.size())
    return endpoint.substr(kSqlite.size());
  return error(Code::kInvalid,
               "--endpoint {}: this version writes to SQLite only: --endpoint sqlite:PATH",
               endpoint);
}

Result<Plan> plan_of(const Arguments& arguments) {
  Plan plan;
  plan.output = arguments.given("--output") ? arguments.text("--output") : std::string(kOutput);
  WEIR_TRY(plan.database, database_of(arguments));
  const std::string together = arguments.text("--collection");
  std::map<std::string, std::string> first_of;
  bool input_used = false;
  for (const std::string& input : arguments.positionals()) {
    if (input == "-" && std::exchange(input_used, true))
      return error(Code::kInvalid, "- stands for standard input, which can be read once only");
    if (!together.empty()) {
      if (plan.collections.empty()) plan.collections.push_back({together, {}, {}});
      plan.collections.front().inputs.push_back(input);
      continue;
    }
    std::string name = collection_name_of(input == "-" ? "" : input);
    const auto [known, added] = first_of.emplace(name, input);
    if (!added)
      return error(Code::kInvalid,
                   "{} and {} would both be the collection {}; --collection {} puts all files into "
                   "one, or call weir init for each",
                   known->second, input, name, name);
    plan.collections.push_back({std::move(name), {input}, {}});
  }
  return plan;
}

// The pattern of a file, as a catalog at `output` says it.
Result<std::string> pattern_from(const std::string& output, const std::string& file) {
  const std::filesystem::path path(file);
  if (path.is_absolute() || output == "-") return pattern_of(path.lexically_normal().string());
  WEIR_TRY(const std::string absolute, absolute_path(file));
  WEIR_TRY(const std::string catalog, absolute_path(output));
  return pattern_of(
      std::filesystem::path(absolute).lexically_relative(io::folder_of(catalog)).string());
}

Result<std::vector<std::string>> key_of(const Planned& planned,
                                        const std::vector<std::string>& given) {
  const std::string name = name_of_input(planned.inputs.front());
  for (const std::string& pointer : given) {
    if (const Status good = planned.sample.check_key(pointer); !good)
      return tl::unexpected(with_context("--key: " + name, good.error()));
  }
  if (!given.empty()) return given;
  std::vector<std::string> found = planned.sample.proposed_key();
  if (!found.empty()) return found;
  return error(Code::kInvalid,
               "{}: nothing that all documents have, and no pair of it, is a text or an integer "
               "that differs in all of them; say by what they are one, as in --key /id, or several "
               "times for several locations",
               name);
}

Result<InitCollection> learn(Planned& planned, const Plan& plan,
                             const std::vector<std::string>& keys) {
  bool from_input = false;
  for (const std::string& input : planned.inputs) {
    from_input = from_input || input == "-";
    WEIR_TRY(auto source, open_byte_source(input));
    WEIR_RETURN_IF_ERROR(planned.sample.read(name_of_input(input), std::move(source)));
  }
  const Sample& sample = planned.sample;
  if (sample.documents() == 0)
    return error(Code::kInvalid, "{} has no document to learn from",
                 name_of_input(planned.inputs.front()));
  InitCollection out;
  out.name = planned.name;
  out.table = table_name_of(planned.name);
  out.schema_json = sample.schema_json();
  out.documents = sample.documents();
  out.compared = sample.compared();
  out.key_given = !keys.empty();
  WEIR_TRY(out.key, key_of(planned, keys));
  if (!sample.lines() || from_input) return out;
  for (const std::string& input : planned.inputs) {
    WEIR_TRY(std::string pattern, pattern_from(plan.output, input));
    out.files.push_back(std::move(pattern));
  }
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

void say_next(const Plan& plan, const InitCatalog& catalog) {
  const bool printed = plan.output == "-";
  const bool usual = printed || plan.output == kOutput;
  std::string text;
  if (!printed) text = fmt::format("wrote {}\n", plan.output);
  for (std::size_t i = 0; i < catalog.collections.size(); ++i) {
    const InitCollection& each = catalog.collections[i];
    std::string key;
    for (const std::string& pointer : each.key) key += (key.empty() ? "" : ", ") + pointer;
    text += fmt::format("  {}: key {}, {} document{} looked at{}\n", each.name, key, each.documents,
                        each.documents == 1 ? "" : "s",
                        plan.collections[i].sample.cut_short() ? ", which are not all" : "");
  }
  text += "next:\n";
  for (std::size_t i = 0; i < catalog.collections.size(); ++i) {
    if (!catalog.collections[i].files.empty()) continue;
    for (const std::string& input : plan.collections[i].inputs) {
      text += fmt::format("  weir append {} {}{}\n", catalog.collections[i].name, quoted(input),
                          usual ? "" : " --flow " + quoted(plan.output));
    }
  }
  text += fmt::format("  weir run --until-caught-up{}\n", usual ? "" : " " + quoted(plan.output));
  note(text);
}

Status init(const Arguments& arguments) {
  WEIR_TRY(Plan plan, plan_of(arguments));
  if (plan.output != "-" && io::file_info(plan.output))
    return write_new(plan.output, "");  // before anything is read
  InitCatalog catalog;
  catalog.database = plan.database;
  for (Planned& planned : plan.collections) {
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
          "or zstd; its content tells. Each becomes a collection named after it, unless "
          "--collection puts them into one.\n\n"
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
                       .help = "Sample documents; - reads standard input",
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
                   .default_value = "one for each file"},
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
                   {"weir init data/2026-*.jsonl --collection my/events",
                    "Many files, one table."}},
      .run = run};
  return command;
}

}  // namespace weir::app
