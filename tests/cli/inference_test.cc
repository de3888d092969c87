// Collections whose read schema is inferred from the documents in their journals.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/cli/program.h"

namespace weir::cli {
namespace {

std::string flow(const std::string& trigger) {
  return R"(
collections:
  acme/notes:
    key: [/id]
    writeSchema: { type: object, required: [id], properties: { id: { type: integer } } }
    readSchema: { allOf: [{ $ref: "flow://relaxed-write-schema" }, { $ref: "flow://inferred-schema" }] }
materializations:
  acme/tables:
    endpoint: { sqlite: { path: notes.sqlite } }
    bindings: [{ source: acme/notes, resource: { table: notes } }]
    triggers: { config: [)" +
         trigger + "] }\n";
}

TEST(Inference, ColumnsComeFromTheDocuments) {
  const Folder folder;
  folder.write("flow.yaml", flow(""));
  const Ran empty = folder.run({"validate"});
  EXPECT_EQ(empty.code, 0) << empty.err;
  EXPECT_NE(empty.err.find("no documents of \"acme/notes\" were found"), std::string::npos)
      << empty.err;
  ASSERT_EQ(folder.run({"append", "acme/notes"}, R"({"id": 1, "text": "a"})").code, 0);
  EXPECT_EQ(folder.run({"validate", "--strict"}).code, 0);
  EXPECT_EQ(folder.run({"validate", "--strict", "--journals", "elsewhere"}).code, 3);
  EXPECT_NE(folder.run({"build"}).out.find("\"text\""), std::string::npos);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  // A member that no document had before becomes a column with the next run.
  ASSERT_EQ(folder.run({"append", "acme/notes"}, R"({"id": 2, "text": "b", "stars": 5})").code, 0);
  EXPECT_EQ(folder.run({"run", "--until-caught-up"}).code, 0);
  EXPECT_EQ(rows(folder.file("notes.sqlite"), "SELECT id, text FROM notes ORDER BY id"),
            (std::vector<std::string>{"1 | a", "2 | b"}));
  EXPECT_EQ(rows(folder.file("notes.sqlite"), "SELECT stars FROM notes WHERE id = 2"),
            std::vector<std::string>{"5"});
}

TEST(Inference, ADocumentThatDoesNotFitIsInferredFromAnew) {
  const Folder folder;
  Receiver receiver(folder);
  folder.write("flow.yaml", flow("{ url: \"" + receiver.url() +
                                 R"(", payloadTemplate: '{"to": "{{run_id}}"}' })"));
  const auto running = folder.start({"run"});
  running->wait_for_log("opened");
  ASSERT_EQ(folder.run({"append", "acme/notes"}, R"({"id": 1, "text": "a"})").code, 0);
  // What is being edited waits for SIGHUP.
  folder.write("flow.yaml", "materializations: { acme/tables: { endp");
  running->wait_for_log("schemas inferred again");
  EXPECT_NE(receiver.next_body(), "");
  EXPECT_EQ(rows(folder.file("notes.sqlite"), "SELECT id, text FROM notes"),
            std::vector<std::string>{"1 | a"});
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 0);
}

// Another materialization that has ended for good is not begun again by it.
TEST(Inference, LeavesOthersAsTheyAre) {
  const Folder folder;
  const std::string other =
      "  acme/other:\n    endpoint: { sqlite: { path: other.sqlite } }\n"
      "    bindings: [{ source: acme/notes, resource: { table: notes } }]\n";
  folder.write("flow.yaml", flow("") + other);
  const auto owner = folder.start({"run", "--name", "acme/other", "--state", "owner"});
  owner->wait_for_log("opened");
  const auto running = folder.start({"run"});
  running->wait_for_log("take-over");
  const std::string owner_pid = std::to_string(owner->process());
  owner->signal(SIGTERM);
  EXPECT_EQ(owner->wait().code, 0);
  ASSERT_EQ(folder.run({"append", "acme/notes"}, R"({"id": 1, "text": "a"})").code, 0);
  running->wait_for_log("committed");
  running->signal(SIGTERM);
  EXPECT_EQ(running->wait().code, 4);
  EXPECT_EQ(rows(folder.file("other.sqlite"), "SELECT pid FROM weir_owners"),
            std::vector<std::string>{owner_pid});
  EXPECT_EQ(rows(folder.file("notes.sqlite"), "SELECT id FROM notes"),
            std::vector<std::string>{"1"});
}

TEST(Inference, LooksAtPlainFilesToo) {
  const Folder folder;
  std::string text = flow("");
  const std::string key = "    key: [/id]\n";
  folder.write("flow.yaml",
               text.replace(text.find(key), 0, "    files: [data/*.jsonl, \"*.jsonl\"]\n"));
  std::filesystem::create_directory(folder.file("data"));
  folder.write("data/a.jsonl", "{\"id\": 1, \"stars\": 5}\n");
  folder.write("b.jsonl", "{\"id\": 2, \"likes\": 7}\n");  // beside the catalog
  const Ran ran = folder.run({"run", "--until-caught-up"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(rows(folder.file("notes.sqlite"), "SELECT id, stars, likes FROM notes ORDER BY id"),
            (std::vector<std::string>{"1 | 5 | NULL", "2 | NULL | 7"}));
}

}  // namespace
}  // namespace weir::cli
