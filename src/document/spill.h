// Sorted runs in a SpillFile: written one after the other, read back merged. Scratch data of one
// process: the format is not kept across versions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/combiner.h"

namespace weir::document {

// One document of one key. Records of a run ascend by (binding, key); those of one key stand in the
// order in which they reduce, a front document first.
struct Record {
  std::uint32_t binding = 0;
  std::string_view key;
  std::string_view document;
  std::string_view values;  // packed columns, where they are known already
  bool front = false;
  bool reduced = false;  // not the text of a document that came in
  bool packed = false;   // `values` are known
};

class RunWriter {
 public:
  explicit RunWriter(SpillFile& file) : file_(file) {}
  Status begin_run();  // kLimit beyond kSpillRunsMax
  Status add(const Record& record);
  Status end_run();

  struct Run {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  const std::vector<Run>& runs() const { return runs_; }
  std::uint64_t bytes() const { return written_; }
  Status clear();  // empties the file

 private:
  Status flush();

  SpillFile& file_;
  std::vector<Run> runs_;
  std::uint64_t written_ = 0;
  std::string pending_;
};

// All runs as one sequence in order of (binding, key, run). Buffers take at most `memory_max` bytes
// or 4 KiB per run, whichever is more, plus what the largest records need.
class RunMerger {
 public:
  RunMerger(SpillFile& file, const std::vector<RunWriter::Run>& runs, std::size_t memory_max);
  ~RunMerger();
  Status start();
  // The record at hand, valid until advance(); nullptr at the end.
  const Record* current() const;
  Status advance();
  std::size_t memory_used() const;

 private:
  class Reader;
  bool before(std::uint32_t a, std::uint32_t b) const;
  void sink(std::size_t at);

  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::uint32_t>
      heap_;  // numbers of readers that have a record, the first in order on top
};

}  // namespace weir::document
