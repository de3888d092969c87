#include "document/combiner.h"

#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "document/fold.h"
#include "document/group.h"
#include "document/key_table.h"
#include "document/pins.h"
#include "document/spill.h"
#include "document/spilled_keys.h"

namespace weir::document {
namespace {

constexpr std::uint32_t kLinksMax = 32;  // a chain is joined when it has grown to so many documents
constexpr std::uint32_t kCheckInterval = 64;  // documents between two looks at the memory in use

struct BindingState {
  explicit BindingState(CompiledBinding b) : compiled(std::move(b)), drain(compiled) {}

  CompiledBinding compiled;
  KeyTable table;
  GroupDrain drain;
};

}  // namespace

struct Combiner::Impl {
  explicit Impl(CombinerOptions o) : options(o) {}

  Result<Added> add_right(std::uint32_t number, std::string_view document, const Buffer& buffer);
  Status add_front(std::uint32_t number, std::string_view document);
  Result<std::optional<Drained>> next();
  void reset();
  std::size_t memory_used() const;

  Status start_drain();
  Result<bool> next_group();
  Result<bool> next_group_in_memory();
  Result<bool> next_group_spilled();
  Result<BindingState*> state_of(std::uint32_t number);
  Result<Entry*> entry_of(std::uint32_t number, std::string_view document, bool* added);
  Status hold_right(BindingState& state, Entry& entry, const DocumentRef& document);
  Status join_chain(BindingState& state, Entry& entry);
  Status check_memory(std::size_t document_bytes);
  void copy_out_of_sparse_buffers();
  Status spill();
  Status spill_entry(std::uint32_t number, Entry& entry, RunWriter& writer);
  void collect(const Entry& entry, Group* group) const;

  CombinerOptions options;
  std::vector<std::unique_ptr<BindingState>> bindings;
  Status problem;  // of compiling the bindings
  Pins pins;
  SpilledKeys spilled_keys;
  std::unique_ptr<RunWriter> writer;
  bool runs_stale = false;
  std::uint32_t unchecked = 0;
  std::string key;
  std::string values;

  // While draining.
  bool draining = false;
  std::unique_ptr<RunMerger> merger;
  std::uint32_t binding = 0;
  std::vector<Entry*> sorted;
  std::size_t sorted_at = 0;
  bool group_open = false;
  Group group;
  std::string group_bytes;
};

Result<BindingState*> Combiner::Impl::state_of(std::uint32_t number) {
  WEIR_CHECK(number < bindings.size() || !problem);
  WEIR_CHECK(!draining);
  if (!problem) return tl::unexpected<Error>(problem.error());
  return bindings[number].get();
}

Result<Entry*> Combiner::Impl::entry_of(std::uint32_t number, std::string_view document,
                                        bool* added) {
  BindingState& state = *bindings[number];
  Folder& folder = state.drain.folder();
  folder.clear();
  key.clear();
  const auto pack = [&]() -> Status {
    if (document.size() > kDocumentBytesMax) {
      return error(Code::kLimit, "a document is larger than {} MiB", kDocumentBytesMax >> 20);
    }
    WEIR_TRY(const json::Value root, folder.parse(document));
    WEIR_RETURN_IF_ERROR(state.compiled.keys.pack(root, key));
    values.clear();
    if (state.compiled.last_write_wins) return state.compiled.values.pack(root, values);
    return {};
  };
  if (Status status = pack(); !status) {
    return tl::unexpected<Error>(with_context(state.compiled.spec.name, std::move(status).error()));
  }
  const std::uint64_t hash = XXH3_64bits_withSeed(key.data(), key.size(), number);
  return state.table.find_or_add(key, hash, added);
}

Result<Added> Combiner::Impl::add_right(std::uint32_t number, std::string_view document,
                                        const Buffer& buffer) {
  WEIR_TRY(BindingState* const state, state_of(number));
  WEIR_CHECK(document.data() >= buffer->data() &&
             document.data() + document.size() <= buffer->data() + buffer->size());
  bool added = false;
  WEIR_TRY(Entry* const entry, entry_of(number, document, &added));
  const bool first = entry->document.text == nullptr && entry->front.text == nullptr &&
                     !spilled_keys.contains(number, key);
  const DocumentRef reference{document.data(), static_cast<std::uint32_t>(document.size()),
                              pins.use(buffer)};
  WEIR_RETURN_IF_ERROR(hold_right(*state, *entry, reference));
  WEIR_RETURN_IF_ERROR(check_memory(document.size()));
  return Added{key, first};
}

Status Combiner::Impl::hold_right(BindingState& state, Entry& entry, const DocumentRef& document) {
  pins.hold(document);
  if (state.compiled.last_write_wins) {
    pins.release(entry.document);
    entry.document = document;
    const std::string_view kept = state.table.arena().copy(values);
    entry.values.text = kept.data();
    entry.values.size = kept.size();
    return {};
  }
  if (entry.document.text == nullptr) {
    entry.document = document;
    return {};
  }
  auto* link = new (state.table.arena().allocate(sizeof(ChainLink))) ChainLink{document};
  (entry.chain.first == nullptr ? entry.chain.first : entry.chain.last->next) = link;
  entry.chain.last = link;
  if (++entry.links < std::max(entry.links_max, kLinksMax)) return {};
  return join_chain(state, entry);
}

// Joins what followed the first document of a key, which stays apart: it may be the left-most of
// all.
Status Combiner::Impl::join_chain(BindingState& state, Entry& entry) {
  Folder& folder = state.drain.folder();
  folder.clear();
  std::vector<std::string_view> documents;
  for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
    documents.push_back(link->document.view());
  }
  std::vector<Folded> joined;
  if (Status status = folder.associative(documents, &joined); !status) {
    return tl::unexpected<Error>(with_context(state.compiled.spec.name, std::move(status).error()));
  }
  ChainLink* link = entry.chain.first;
  ChainLink** at = &entry.chain.first;
  std::string json;
  for (const Folded& folded : joined) {
    while (!folded.original.empty() && link->document.text != folded.original.data()) {
      pins.release(std::exchange(link, link->next)->document);
    }
    if (folded.original.empty()) {
      json.clear();
      json::write(folded.root, json);
      *at = new (state.table.arena().allocate(sizeof(ChainLink)))
          ChainLink{keep_document(state.table.arena(), json)};
    } else {
      *at = std::exchange(link, link->next);
    }
    entry.chain.last = *at;
    at = &(*at)->next;
  }
  while (link != nullptr) pins.release(std::exchange(link, link->next)->document);
  entry.chain.last->next = nullptr;
  entry.links = static_cast<std::uint32_t>(joined.size());
  entry.links_max = entry.links * 2;
  return {};
}

Status Combiner::Impl::add_front(std::uint32_t number, std::string_view document) {
  WEIR_TRY(BindingState* const state, state_of(number));
  const DocumentRef kept = keep_document(state->table.arena(), document);
  bool added = false;
  WEIR_TRY(Entry* const entry, entry_of(number, kept.view(), &added));
  entry->front = kept;
  return check_memory(document.size());
}

Status Combiner::Impl::check_memory(std::size_t document_bytes) {
  if (++unchecked < kCheckInterval && document_bytes < 64 * 1024) return {};
  unchecked = 0;
  if (memory_used() <= options.memory_max) return {};
  if (pins.wasted_bytes() > options.memory_max / 4) {
    copy_out_of_sparse_buffers();
    if (memory_used() <= options.memory_max / 4 * 3) return {};
  }
  return spill();
}

void Combiner::Impl::copy_out_of_sparse_buffers() {
  for (const auto& state : bindings) {
    json::Arena& arena = state->table.arena();
    const auto copy_out = [&](DocumentRef& document) {
      if (document.pin == DocumentRef::kOwned || !pins.is_sparse(document.pin)) return;
      pins.release(std::exchange(document, keep_document(arena, document.view())));
    };
    for (std::size_t i = 0; i < state->table.size(); ++i) {
      Entry& entry = state->table.at(i);
      if (entry.document.text != nullptr) copy_out(entry.document);
      if (state->compiled.last_write_wins) continue;
      for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
        copy_out(link->document);
      }
    }
  }
}

Status Combiner::Impl::spill() {
  if (options.spill == nullptr) {
    return error(Code::kFull, "the combiner's memory of {} bytes is used up and it cannot spill",
                 options.memory_max);
  }
  if (writer == nullptr) writer = std::make_unique<RunWriter>(*options.spill);
  if (runs_stale) WEIR_RETURN_IF_ERROR(writer->clear());
  runs_stale = false;
  WEIR_RETURN_IF_ERROR(writer->begin_run());
  for (std::uint32_t number = 0; number < bindings.size(); ++number) {
    KeyTable& table = bindings[number]->table;
    for (Entry* entry : table.sorted()) {
      WEIR_RETURN_IF_ERROR(spill_entry(number, *entry, *writer));
      spilled_keys.add(number, entry->key_view());
    }
    table.clear();
  }
  pins.clear();
  return writer->end_run();
}

Status Combiner::Impl::spill_entry(std::uint32_t number, Entry& entry, RunWriter& out) {
  BindingState& state = *bindings[number];
  Record record;
  record.binding = number;
  record.key = entry.key_view();
  if (entry.front.text != nullptr) {
    record.front = true;
    record.document = entry.front.view();
    WEIR_RETURN_IF_ERROR(out.add(record));
    record.front = false;
  }
  if (entry.document.text == nullptr) return {};
  record.document = entry.document.view();
  if (state.compiled.last_write_wins) record.values = {entry.values.text, entry.values.size};
  WEIR_RETURN_IF_ERROR(out.add(record));
  if (state.compiled.last_write_wins) return {};
  if (entry.links > 1) WEIR_RETURN_IF_ERROR(join_chain(state, entry));
  for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
    record.document = link->document.view();
    WEIR_RETURN_IF_ERROR(out.add(record));
  }
  return {};
}

Status Combiner::Impl::start_drain() {
  draining = true;
  binding = 0;
  sorted_at = 0;
  if (writer != nullptr && !writer->runs().empty()) {
    WEIR_RETURN_IF_ERROR(spill());
    merger = std::make_unique<RunMerger>(*options.spill, writer->runs(), options.memory_max / 4);
    return merger->start();
  }
  if (!bindings.empty()) sorted = bindings[0]->table.sorted();
  return {};
}

void Combiner::Impl::collect(const Entry& entry, Group* out) const {
  out->key = entry.key_view();
  if (entry.front.text != nullptr) {
    out->front = true;
    out->documents.push_back(entry.front.view());
  }
  if (entry.document.text == nullptr) return;
  out->documents.push_back(entry.document.view());
  if (bindings[binding]->compiled.last_write_wins) {
    out->last_values = {entry.values.text, entry.values.size};
    return;
  }
  for (ChainLink* link = entry.chain.first; link != nullptr; link = link->next) {
    out->documents.push_back(link->document.view());
  }
}

Result<bool> Combiner::Impl::next_group_in_memory() {
  while (sorted_at == sorted.size()) {
    if (++binding >= bindings.size()) return false;
    sorted = bindings[binding]->table.sorted();
    sorted_at = 0;
  }
  collect(*sorted[sorted_at++], &group);
  return true;
}

Result<bool> Combiner::Impl::next_group_spilled() {
  const Record* record = merger->current();
  if (record == nullptr) return false;
  binding = record->binding;
  group_bytes.assign(record->key);
  // Records of one key, of which those of later runs follow: a front document may come with any of
  // them.
  struct Part {
    std::size_t at, size;
    bool front;
  };
  std::vector<Part> parts;
  std::size_t values_at = 0;
  std::size_t values_size = 0;
  const std::size_t key_size = group_bytes.size();
  while (record != nullptr && record->binding == binding &&
         record->key == std::string_view(group_bytes).substr(0, key_size)) {
    parts.push_back({group_bytes.size(), record->document.size(), record->front});
    group_bytes.append(record->document);
    values_at = group_bytes.size();
    values_size = record->values.size();
    group_bytes.append(record->values);
    WEIR_RETURN_IF_ERROR(merger->advance());
    record = merger->current();
  }
  group_bytes.append(json::kDocumentPadding, '\0');
  const std::string_view bytes = group_bytes;
  group.key = bytes.substr(0, key_size);
  group.last_values = bytes.substr(values_at, values_size);
  std::stable_partition(parts.begin(), parts.end(), [](const Part& part) { return part.front; });
  group.front = parts.front().front;
  for (const Part& part : parts) group.documents.push_back(bytes.substr(part.at, part.size));
  return true;
}

Result<bool> Combiner::Impl::next_group() {
  group.clear();
  WEIR_TRY(const bool more, merger != nullptr ? next_group_spilled() : next_group_in_memory());
  if (more) WEIR_RETURN_IF_ERROR(bindings[binding]->drain.begin(binding, group));
  return more;
}

Result<std::optional<Drained>> Combiner::Impl::next() {
  if (!problem) return tl::unexpected<Error>(problem.error());
  if (!draining) WEIR_RETURN_IF_ERROR(start_drain());
  for (;;) {
    if (group_open) {
      Drained drained;
      WEIR_TRY(const bool some, bindings[binding]->drain.next(&drained));
      if (some) return drained;
    }
    WEIR_TRY(group_open, next_group());
    if (!group_open) return std::optional<Drained>();
  }
}

void Combiner::Impl::reset() {
  for (const auto& state : bindings) state->table.clear();
  pins.clear();
  spilled_keys.clear();
  merger.reset();
  // The file is emptied now, so that the disk has room; should that fail, once more before it is
  // written again.
  runs_stale = writer != nullptr && !writer->clear();
  sorted.clear();
  group.clear();
  group_open = false;
  draining = false;
}

std::size_t Combiner::Impl::memory_used() const {
  std::size_t bytes = pins.bytes() + spilled_keys.memory_used();
  for (const auto& state : bindings) bytes += state->table.memory_used();
  if (merger != nullptr) bytes += merger->memory_used() + group_bytes.capacity();
  return bytes + sorted.capacity() * sizeof(Entry*);
}

Combiner::Combiner(std::vector<BindingSpec> bindings, CombinerOptions options)
    : impl_(std::make_unique<Impl>(options)) {
  for (BindingSpec& spec : bindings) {
    const std::string name = spec.name;
    auto compiled = CompiledBinding::compile(std::move(spec));
    if (!compiled) {
      impl_->problem = tl::unexpected<Error>(with_context(name, std::move(compiled).error()));
      return;
    }
    impl_->bindings.push_back(std::make_unique<BindingState>(*std::move(compiled)));
  }
}

Combiner::~Combiner() = default;

Result<Added> Combiner::add_right(std::uint32_t binding, std::string_view document,
                                  const Buffer& buffer) {
  return impl_->add_right(binding, document, buffer);
}

Status Combiner::add_front(std::uint32_t binding, std::string_view document) {
  return impl_->add_front(binding, document);
}

Result<std::optional<Drained>> Combiner::next() {
  return impl_->next();
}

void Combiner::reset() {
  impl_->reset();
}

bool Combiner::last_write_wins(std::uint32_t binding) const {
  return impl_->problem && impl_->bindings[binding]->compiled.last_write_wins;
}

std::size_t Combiner::memory_used() const {
  return impl_->memory_used();
}

std::uint64_t Combiner::spilled_bytes() const {
  return impl_->writer != nullptr ? impl_->writer->bytes() : 0;
}

}  // namespace weir::document
