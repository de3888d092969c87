// Small specifications and rows for tests of destinations: collection acme/orders with an integer
// key /id, a number /amount and the document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connector/destination.h"
#include "protocol/spec.h"

namespace weir::testing {

protocol::CollectionSpec orders_collection();
// Table `table`, keys [id], values [amount], document flow_document.
protocol::Binding orders_binding(const std::string& table, std::uint32_t backfill = 0);
protocol::Binding delta_binding(const std::string& table);  // delta updates, without the document
protocol::ValidateBinding to_validate(const protocol::Binding& binding);

// A row of that collection; `amount` is also in the document.
struct OrderRow {
  std::int64_t id = 0;
  std::int64_t amount = 0;
  connector::Exists exists = connector::Exists::kNo;
  bool deleted = false;
  std::uint32_t binding = 0;
};
std::string order_document(std::int64_t id, std::int64_t amount);
std::string order_key(std::int64_t id);  // packed

// A checkpoint at offset `n` of one journal, with one intent.
protocol::Checkpoint checkpoint_at(std::int64_t n);

// Drives one session of a destination through whole transactions, in the order that the contract
// asks for.
class Session {
 public:
  explicit Session(std::unique_ptr<connector::Destination> destination)
      : destination_(std::move(destination)) {}

  // Opens; `delta` bindings are remembered, their rows have no document.
  Result<connector::Opened> open(const connector::OpenRequest& request);
  // acknowledge, load and flush; returns the documents found, in order of id.
  Result<std::vector<std::string>> load(const std::vector<std::int64_t>& ids,
                                        std::uint32_t binding = 0);
  // The stores and finish_store, after load().
  Result<std::vector<connector::Counts>> store(const std::vector<OrderRow>& rows);
  // All of it, ending with start_commit.
  Result<std::vector<connector::Counts>> transact(const std::vector<OrderRow>& rows,
                                                  const protocol::Checkpoint& checkpoint);

  connector::Destination& destination() { return *destination_; }
  void drop() { destination_.reset(); }  // as a crash does

 private:
  std::unique_ptr<connector::Destination> destination_;
  std::vector<bool> delta_;
};

}  // namespace weir::testing
