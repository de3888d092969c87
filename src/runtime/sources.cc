#include "runtime/sources.h"

#include <algorithm>

#include "json/events.h"

namespace weir::runtime {

Sources::Sources(journal::Journals& journals, const std::vector<protocol::Binding>& bindings,
                 std::map<std::string, protocol::Source> positions)
    : journals_(journals), bindings_(bindings), kept_(std::move(positions)) {
  for (const protocol::Binding& binding : bindings) filters_.emplace_back(binding);
}

Status Sources::refresh() {
  for (std::uint32_t i = 0; i < bindings_.size(); ++i) {
    WEIR_TRY(const std::vector<std::string> names, journals_.list(bindings_[i].collection.name));
    for (const std::string& name : names) {
      std::string key = protocol::source_key(name, bindings_[i].journal_read_suffix);
      const bool open = std::any_of(inputs_.begin(), inputs_.end(),
                                    [&](const Input& input) { return input.key == key; });
      if (open) continue;
      const auto position = kept_.find(key);
      WEIR_TRY(auto reader, journals_.open(name, position == kept_.end() ? protocol::Source{}
                                                                         : position->second));
      kept_.erase(key);
      inputs_.push_back({i, name, std::move(key), std::move(reader)});
    }
  }
  std::stable_sort(inputs_.begin(), inputs_.end(), [&](const Input& a, const Input& b) {
    return bindings_[a.binding].priority > bindings_[b.binding].priority;
  });
  drained_.assign(inputs_.size(), false);
  turn_ = 0;
  maybe_more_ = true;
  return {};
}

// Inside a run that one acknowledgement committed, reading goes on there; else the highest priority
// that has more is served in turn.
Sources::Input* Sources::pick() {
  for (Input& input : inputs_) {
    if (!input.reader->at_boundary()) return &input;
  }
  for (std::size_t i = 0; i < inputs_.size();) {
    const std::uint32_t priority = bindings_[inputs_[i].binding].priority;
    std::size_t end = i;
    while (end < inputs_.size() && bindings_[inputs_[end].binding].priority == priority) ++end;
    for (std::size_t k = 0; k < end - i; ++k) {
      const std::size_t at = i + (turn_ + k) % (end - i);
      if (drained_[at]) continue;
      turn_ = at - i + 1;
      return &inputs_[at];
    }
    i = end;
  }
  return nullptr;
}

Result<std::size_t> Sources::read(const Add& add) {
  for (Input* input = pick(); input != nullptr; input = pick()) {
    WEIR_TRY(const std::size_t documents, read_one(*input, add));
    if (documents > 0) return documents;
    drained_[static_cast<std::size_t>(input - inputs_.data())] = true;
  }
  drained_.assign(inputs_.size(), false);
  maybe_more_ = false;
  return 0;
}

Result<std::size_t> Sources::read_one(Input& input, const Add& add) {
  WEIR_TRY(const std::optional<journal::Batch> batch, input.reader->next());
  if (!batch) {
    // A run is only begun once its acknowledgement was seen, so its end must be there.
    if (input.reader->at_boundary()) return 0;
    return error(Code::kCorrupt, "journal {} ends inside a run of acknowledged documents",
                 input.journal);
  }
  const DocumentFilter& filter = filters_[input.binding];
  json::Arena arena;
  const std::vector<journal::Document>& documents = batch->documents;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const journal::Document& document = documents[i];
    if (!filter.in_time(document.clock)) continue;
    if (filter.has_partitions()) {
      arena.reset();
      const auto root = json::parse(document.json, arena, json::Duplicates::kLastWins);
      if (root && !filter.in_partitions(*root)) continue;
    }
    const bool next_passes = !filter.has_partitions() && i + 1 < documents.size() &&
                             filter.in_time(documents[i + 1].clock);
    const journal::Document* const next = next_passes ? &documents[i + 1] : nullptr;
    if (auto added = add(input.binding, document, batch->buffer, next); !added) {
      return tl::unexpected(with_context(journals_.place_of(input.journal, *batch, document),
                                         std::move(added).error()));
    }
  }
  return std::max<std::size_t>(1, batch->documents.size());
}

bool Sources::at_boundary() const {
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [](const Input& input) { return input.reader->at_boundary(); });
}

std::map<std::string, protocol::Source> Sources::positions() const {
  std::map<std::string, protocol::Source> out = kept_;
  for (const Input& input : inputs_) out[input.key] = input.reader->position();
  return out;
}

std::int64_t Sources::bytes_behind() const {
  std::int64_t total = 0;
  for (const Input& input : inputs_) total += input.reader->bytes_behind();
  return total;
}

}  // namespace weir::runtime
