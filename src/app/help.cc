#include "app/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kNameColumn = 2;
constexpr std::size_t kNamesMax = 26;  // longer names get a line of their own

struct Row {
  std::string name;
  std::string text;
};

std::string table(const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) {
    if (row.name.size() <= kNamesMax) width = std::max(width, row.name.size());
  }
  const std::size_t indent = kNameColumn + width + 2;
  std::string out;
  for (const Row& row : rows) {
    out += std::string(kNameColumn, ' ') + row.name;
    if (row.name.size() > width) {
      out += "\n" + std::string(indent, ' ');
    } else {
      out += std::string(width - row.name.size() + 2, ' ');
    }
    out += wrap(row.text, indent) + "\n";
  }
  return out;
}

std::string show(const Positional& positional) {
  std::string name(positional.name);
  if (positional.at_most > 1) name += "…";
  return positional.at_least == 0 ? "[" + name + "]" : name;
}

std::string usage(const Command& command) {
  std::string line = fmt::format("weir {}", command.name);
  for (const Positional& positional : command.positionals) line += " " + show(positional);
  return line + " [OPTIONS]";
}

std::vector<Row> option_rows(const Command& command) {
  std::vector<Row> rows;
  for (const OptionInfo& option : command.options) {
    std::string name(option.name);
    if (!option.short_name.empty()) name = fmt::format("{}, {}", option.short_name, name);
    if (!option.value.empty()) name += fmt::format(" {}", option.value);
    rows.push_back({std::move(name), describe(option)});
  }
  rows.push_back({"--help", "Print this page"});
  return rows;
}

std::vector<Row> exit_rows(const Command& command) {
  std::vector<Row> rows;
  for (const ExitNote& note : command.exits) {
    rows.push_back({fmt::format("{}", static_cast<int>(note.code)),
                    std::string(note.when.empty() ? meaning_of(note.code) : note.when)});
  }
  return rows;
}

std::vector<Row> positional_rows(const Command& command) {
  std::vector<Row> rows;
  for (const Positional& positional : command.positionals) {
    rows.push_back({std::string(positional.name), std::string(positional.help)});
  }
  return rows;
}

// Paragraphs are filled; a line that starts with a space stays as it is.
std::string paragraphs(std::string_view text) {
  std::string out;
  std::string paragraph;
  const auto flush = [&] {
    if (!paragraph.empty()) out += wrap(paragraph, 0) + "\n";
    paragraph.clear();
  };
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty() || line.front() == ' ') {
      flush();
      out += std::string(line) + "\n";
    } else {
      if (!paragraph.empty()) paragraph += ' ';
      paragraph += line;
    }
  }
  flush();
  return out;
}

std::vector<Row> command_rows(std::string_view prefix) {
  std::vector<Row> rows;
  for (const Command* command : commands()) {
    if (!command->name.starts_with(prefix)) continue;
    rows.push_back({std::string(command->name), std::string(command->summary)});
  }
  return rows;
}

std::size_t columns_of(std::string_view text) {  // UTF-8: continuation bytes take no column
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

std::string describe(const OptionInfo& option) {
  std::string text(option.help);
  std::vector<std::string> notes;
  if (option.repeated) notes.push_back("may be given several times");
  if (option.kind == ValueKind::kChoice) {
    notes.push_back(fmt::format("one of {}", fmt::join(split(option.choices, '|'), ", ")));
  }
  if (!option.default_value.empty())
    notes.push_back(fmt::format("default: {}", option.default_value));
  if (!option.env.empty()) notes.push_back(fmt::format("environment: {}", option.env));
  if (!notes.empty()) text += fmt::format(" ({})", fmt::join(notes, "; "));
  return text;
}

std::string wrap(std::string_view text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const std::size_t width = columns_of(word);
    if (column > indent && column + 1 + width > kHelpColumns) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
  }
  return out;
}

std::string help_page(const Command& command) {
  std::string page = fmt::format("weir {}: {}\n\nUsage: {}\n\n{}", command.name, command.summary,
                                 usage(command), paragraphs(command.description));
  if (!command.positionals.empty()) page += "\nArguments\n" + table(positional_rows(command));
  page += "\nOptions\n" + table(option_rows(command));
  page += "\nExit codes\n" + table(exit_rows(command));
  if (!command.examples.empty()) page += "\nExamples\n";
  for (const Example& example : command.examples) {
    page += fmt::format("  {}\n      {}\n", example.line, wrap(example.what, 6));
  }
  return page;
}

std::string help_page() {
  std::string page =
      "weir keeps database tables up to date from journals of JSON documents, in exactly-once\n"
      "transactions, and fires a webhook after every commit.\n"
      "\nUsage: weir COMMAND [ARGUMENTS] [OPTIONS]\n"
      "\nCommands\n";
  page += table(command_rows(""));
  page +=
      "\nFLOW arguments name catalog files and default to ./flow.yaml. Results go to standard\n"
      "output, everything else to standard error.\n"
      "\nExit codes\n";
  std::vector<Row> rows;
  for (const ExitCodeInfo& info : exit_codes()) {
    rows.push_back({fmt::format("{}", static_cast<int>(info.code)), std::string(info.meaning)});
  }
  page += table(rows);
  page +=
      "\n`weir COMMAND --help` tells more about a command, `weir --version` which build this is.\n";
  return page;
}

std::string help_of_group(std::string_view word) {
  const std::vector<Row> rows = command_rows(std::string(word) + " ");
  if (rows.empty()) return {};
  return fmt::format("Usage: weir {} COMMAND [ARGUMENTS] [OPTIONS]\n\nCommands\n{}", word,
                     table(rows));
}

std::string help_as_markdown() {
  std::string out = "# weir at the terminal\n";
  for (const Command* command : commands()) {
    out += fmt::format("\n## weir {}\n\n{}.\n\n    {}\n\n{}", command->name, command->summary,
                       usage(*command), paragraphs(command->description));
    out += "\n| Option | |\n| --- | --- |\n";
    for (const Row& row : option_rows(*command))
      out += fmt::format("| `{}` | {} |\n", row.name, row.text);
    out += "\n| Exit code | |\n| --- | --- |\n";
    for (const Row& row : exit_rows(*command))
      out += fmt::format("| {} | {} |\n", row.name, row.text);
  }
  return out;
}

}  // namespace weir::app
