#include "document/combiner.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "document/intake.h"
#include "document/spilled_keys.h"

namespace weir::document {
namespace {

constexpr std::uint32_t kCheckInterval = 64;    // documents between two looks at the memory in use
constexpr std::size_t kCheckBytes = 64u << 10;  // but after one as large as this at once

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
  Result<Intake*> intake_of(std::uint32_t number);
  Status check_memory(std::size_t document_bytes);
  Status spill();

  CombinerOptions options;
  Pins pins;
  std::vector<std::unique_ptr<Intake>> bindings;
  Status problem;  // of compiling the bindings
  SpilledKeys spilled_keys;
  std::unique_ptr<RunWriter> writer;
  bool runs_stale = false;
  std::uint32_t unchecked = 0;

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

Result<Intake*> Combiner::Impl::intake_of(std::uint32_t number) {
  WEIR_CHECK(!draining);
  if (!problem) return tl::unexpected<Error>(problem.error());
  WEIR_CHECK(number < bindings.size());
  return bindings[number].get();
}

Result<Added> Combiner::Impl::add_right(std::uint32_t number, std::string_view document,
                                        const Buffer& buffer) {
  WEIR_CHECK(document.data() >= buffer->data() &&
             document.data() + document.size() <= buffer->data() + buffer->size());
  WEIR_TRY(Intake* const intake, intake_of(number));
  Added added;
  WEIR_TRY(added.key_packed,
           intake->add_right(
               {document.data(), static_cast<std::uint32_t>(document.size()), pins.use(buffer)},
               &added.first));
  if (added.first) added.first = !spilled_keys.contains(number, added.key_packed);
  WEIR_RETURN_IF_ERROR(check_memory(document.size()));
  return added;
}

Status Combiner::Impl::add_front(std::uint32_t number, std::string_view document) {
  WEIR_TRY(Intake* const intake, intake_of(number));
  WEIR_RETURN_IF_ERROR(intake->add_front(document));
  return check_memory(document.size());
}

Status Combiner::Impl::check_memory(std::size_t document_bytes) {
  if (++unchecked < kCheckInterval && document_bytes < kCheckBytes) return {};
  unchecked = 0;
  if (memory_used() <= options.memory_max) return {};
  if (pins.wasted_bytes() > options.memory_max / 4) {
    for (const auto& intake : bindings) intake->copy_out_of_sparse_buffers();
    if (memory_used() <= options.memory_max / 4 * 3) return {};
  }
  return spill();
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
    Intake& intake = *bindings[number];
    for (Entry* entry : intake.table().sorted()) {
      WEIR_RETURN_IF_ERROR(intake.spill(*entry, *writer));
      spilled_keys.add(number, entry->key());
    }
    intake.clear();
  }
  pins.clear();
  return writer->end_run();
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
  if (!bindings.empty()) sorted = bindings[0]->table().sorted();
  return {};
}

Result<bool> Combiner::Impl::next_group_in_memory() {
  while (sorted_at == sorted.size()) {
    if (++binding >= bindings.size()) return false;
    sorted = bindings[binding]->table().sorted();
    sorted_at = 0;
  }
  WEIR_RETURN_IF_ERROR(bindings[binding]->collect(*sorted[sorted_at++], &group, &group_bytes));
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
    bool reduced;
  };
  std::vector<Part> parts;
  std::size_t values_at = 0;
  std::size_t values_size = 0;
  const std::size_t key_size = group_bytes.size();
  while (record != nullptr && record->binding == binding &&
         record->key == std::string_view(group_bytes).substr(0, key_size)) {
    parts.push_back({group_bytes.size(), record->document.size(), record->front, record->reduced});
    group_bytes.append(record->document);
    values_at = group_bytes.size();
    values_size = record->values.size();
    group.packed = record->packed;
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
  group.reduced = parts.front().reduced;
  for (const Part& part : parts) group.documents.push_back(bytes.substr(part.at, part.size));
  return true;
}

Result<bool> Combiner::Impl::next_group() {
  group.clear();
  WEIR_TRY(const bool more, merger != nullptr ? next_group_spilled() : next_group_in_memory());
  if (more) WEIR_RETURN_IF_ERROR(bindings[binding]->drain().begin(binding, group));
  return more;
}

Result<std::optional<Drained>> Combiner::Impl::next() {
  if (!problem) return tl::unexpected<Error>(problem.error());
  if (!draining) WEIR_RETURN_IF_ERROR(start_drain());
  for (;;) {
    if (group_open) {
      Drained drained;
      WEIR_TRY(const bool some, bindings[binding]->drain().next(&drained));
      if (some) return drained;
    }
    WEIR_TRY(group_open, next_group());
    if (!group_open) return std::optional<Drained>();
  }
}

void Combiner::Impl::reset() {
  for (const auto& intake : bindings) intake->clear();
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
  for (const auto& intake : bindings) bytes += intake->memory_used();
  if (merger != nullptr) bytes += merger->memory_used();
  return bytes + group_bytes.capacity() + sorted.capacity() * sizeof(Entry*);
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
    const auto number = static_cast<std::uint32_t>(impl_->bindings.size());
    impl_->bindings.push_back(
        std::make_unique<Intake>(*std::move(compiled), number, impl_->pins, options.use_programs));
  }
}

Combiner::~Combiner() = default;

Result<Added> Combiner::add_right(std::uint32_t binding, std::string_view document,
                                  const Buffer& buffer) {
  return impl_->add_right(binding, document, buffer);
}

void Combiner::expect(std::uint32_t binding, std::string_view document) {
  if (const auto intake = impl_->intake_of(binding)) (*intake)->expect(document);
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
  return impl_->problem && impl_->bindings[binding]->binding().last_write_wins;
}

std::size_t Combiner::memory_used() const {
  return impl_->memory_used();
}

std::uint64_t Combiner::spilled_bytes() const {
  return impl_->writer != nullptr ? impl_->writer->bytes() : 0;
}

}  // namespace weir::document
