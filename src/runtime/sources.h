// The readers of a session: one per binding and journal, each at its own position. Documents go
// from here into the combiner, filtered by the binding's time range and partitions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/combiner.h"
#include "journal/reader.h"
#include "protocol/checkpoint.h"
#include "protocol/spec.h"
#include "runtime/partition_filter.h"

namespace weir::runtime {

// What one binding did in the open transaction.
struct BindingActivity {
  std::uint64_t documents = 0;  // read and not filtered out
  std::uint64_t stored = 0;
  std::uint64_t clock_min = 0;  // of documents with a clock; 0: none
  std::uint64_t clock_max = 0;
};

class Sources {
 public:
  // Called for each document that passes the filters. An error names what is wrong with the
  // document; the place in the journal is added here. `next`: the document that follows it for the
  // same binding, where that is known; nullptr otherwise.
  using Add = std::function<Status(std::uint32_t binding, const journal::Document& document,
                                   const document::Buffer& buffer, const journal::Document* next)>;

  Sources(journal::Journals& journals, const std::vector<protocol::Binding>& bindings,
          std::map<std::string, protocol::Source> positions);

  // Looks for journals that appeared since, and opens them at their position.
  Status refresh();
  // Reads one batch: of a reader inside a run of documents first; else of the highest priority, in
  // turn. Returns the number of documents read, filtered ones included; 0: all readers are at their
  // present ends.
  Result<std::size_t> read(const Add& add);
  bool at_boundary() const;
  // May a reader have more? True after refresh() or an arrival was told, until a full round found
  // nothing.
  bool maybe_more() const { return maybe_more_; }
  void arrived() { maybe_more_ = true; }
  // Every position: of the readers, and of what no binding reads any more.
  std::map<std::string, protocol::Source> positions() const;
  std::int64_t bytes_behind() const;

 private:
  struct Input {
    std::uint32_t binding = 0;
    std::string journal;
    std::string key;  // of the checkpoint's source
    std::unique_ptr<journal::Reader> reader;
  };
  Result<std::size_t> read_one(Input& input, const Add& add);
  Input* pick();

  journal::Journals& journals_;
  const std::vector<protocol::Binding>& bindings_;
  std::vector<DocumentFilter> filters_;  // per binding
  std::map<std::string, protocol::Source> kept_;
  std::vector<Input> inputs_;  // by descending priority of their binding
  std::vector<bool> drained_;  // per input: found at its end in this round
  std::size_t turn_ = 0;
  bool maybe_more_ = true;
};

}  // namespace weir::runtime
