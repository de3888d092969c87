// What a materialization runs on: its store, its journals, its scratch space and its way to
// receivers, made and taken down in the right order.
#pragma once

#include <memory>
#include <string>

#include "app/folders.h"
#include "app/wiring.h"
#include "base/wake.h"
#include "delivery/dispatcher_thread.h"
#include "runtime/shard.h"

namespace weir::app {

class Machinery {
 public:
  // Opens the task's store. kRefused: another process works on this state. `skip_gaps` as in
  // make_journals.
  static Result<std::unique_ptr<Machinery>> make(const catalog::BuiltMaterialization& built,
                                                 const Folders& folders,
                                                 const connector::Owner& owner,
                                                 const Network& network, bool skip_gaps = false);
  ~Machinery();
  Machinery(const Machinery&) = delete;
  Machinery& operator=(const Machinery&) = delete;

  // Everything in it belongs to this object.
  const runtime::ShardDeps& deps() const { return deps_; }
  // No attempt goes on, and the store is synced and given up. Idempotent; once nobody uses deps()
  // any more.
  Status close();

 private:
  Machinery() = default;
  WakeUp wake_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<journal::Journals> journals_;
  std::unique_ptr<document::SpillFile> spill_;
  std::unique_ptr<io::HttpClient> client_;
  std::unique_ptr<delivery::Dispatcher> dispatcher_;
  std::unique_ptr<delivery::DispatcherThread> dispatcher_thread_;
  runtime::ShardDeps deps_;
  bool closed_ = false;
};

}  // namespace weir::app
