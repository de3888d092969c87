#include "testing/destination_fixture.h"

#include <fmt/core.h>

#include <algorithm>

#include "document/tuple.h"

namespace weir::testing {

using connector::Counts;
using connector::OpenRequest;

namespace {

protocol::Projection projection(std::string ptr, std::string field, std::string type, bool key) {
  protocol::Projection out;
  out.ptr = std::move(ptr);
  out.field = std::move(field);
  out.is_primary_key = key;
  out.inference.types = {std::move(type)};
  out.inference.exists = protocol::Exists::kMust;
  return out;
}

}  // namespace

protocol::CollectionSpec orders_collection() {
  protocol::CollectionSpec collection;
  collection.name = "acme/orders";
  collection.key = {"/id"};
  collection.projections = {projection("/amount", "amount", "number", false),
                            projection("", "flow_document", "object", false),
                            projection("/id", "id", "integer", true)};
  collection.write_schema_json = R"({"type":"object"})";
  return collection;
}

protocol::Binding orders_binding(const std::string& table, std::uint32_t backfill) {
  protocol::Binding binding;
  binding.resource_config_json = fmt::format(R"({{"table":"{}"}})", table);
  binding.resource_path = {table};
  binding.collection = orders_collection();
  binding.field_selection.keys = {"id"};
  binding.field_selection.values = {"amount"};
  binding.field_selection.document = "flow_document";
  binding.backfill = backfill;
  binding.state_key = protocol::state_key(binding.resource_path, backfill);
  binding.journal_read_suffix = "materialize/acme/mat/" + binding.state_key;
  return binding;
}

protocol::Binding delta_binding(const std::string& table) {
  protocol::Binding binding = orders_binding(table);
  binding.resource_config_json = fmt::format(R"({{"table":"{}","delta_updates":true}})", table);
  binding.delta_updates = true;
  binding.field_selection.document.clear();
  return binding;
}

protocol::ValidateBinding to_validate(const protocol::Binding& binding) {
  return {.resource_config_json = binding.resource_config_json,
          .collection = binding.collection,
          .field_config = {},
          .backfill = binding.backfill,
          .group_by = binding.field_selection.keys};
}

std::string order_document(std::int64_t id, std::int64_t amount) {
  return fmt::format(R"({{"id":{},"amount":{}}})", id, amount);
}

std::string order_key(std::int64_t id) {
  std::string key;
  document::pack_int(key, id);
  return key;
}

protocol::Checkpoint checkpoint_at(std::int64_t n) {
  protocol::Checkpoint checkpoint;
  checkpoint.sources["acme/orders/pivot=00;materialize/acme/mat/t"] = {
      .read_through = n,
      .producers = {{std::string("\x01\x02\x03\x04\x05\x06", 6), {.last_ack = 7, .begin = -1}}}};
  checkpoint.ack_intents["weir/owed/v1"] = fmt::format("owed at {}", n);
  return checkpoint;
}

Result<connector::Opened> Session::open(const OpenRequest& request) {
  delta_.clear();
  for (const protocol::Binding& binding : request.spec.bindings) {
    delta_.push_back(binding.delta_updates);
  }
  return destination_->open(request);
}

Result<std::vector<std::string>> Session::load(const std::vector<std::int64_t>& ids,
                                               std::uint32_t binding) {
  WEIR_RETURN_IF_ERROR(destination_->acknowledge());
  for (const std::int64_t id : ids) {
    const std::string key = order_key(id);
    const connector::LoadKey load{.binding = binding, .key_packed = key};
    WEIR_RETURN_IF_ERROR(destination_->load({&load, 1}));
  }
  std::vector<std::string> found;
  WEIR_RETURN_IF_ERROR(destination_->flush([&](std::uint32_t, std::string_view document) -> Status {
    found.emplace_back(document);
    return {};
  }));
  std::sort(found.begin(), found.end());
  return found;
}

Result<std::vector<Counts>> Session::store(const std::vector<OrderRow>& rows) {
  for (const OrderRow& row : rows) {
    const std::string key = order_key(row.id);
    std::string values;
    document::pack_int(values, row.amount);
    const std::string document = delta_.at(row.binding) ? "" : order_document(row.id, row.amount);
    const connector::StoreRow store{.binding = row.binding,
                                    .key_packed = key,
                                    .values_packed = values,
                                    .doc_json = document,
                                    .exists = row.exists,
                                    .deleted = row.deleted};
    WEIR_RETURN_IF_ERROR(destination_->store({&store, 1}));
  }
  return destination_->finish_store();
}

Result<std::vector<Counts>> Session::transact(const std::vector<OrderRow>& rows,
                                              const protocol::Checkpoint& checkpoint) {
  WEIR_RETURN_IF_ERROR(load({}));
  WEIR_TRY(auto counts, store(rows));
  WEIR_RETURN_IF_ERROR(destination_->start_commit(checkpoint));
  return counts;
}

}  // namespace weir::testing
