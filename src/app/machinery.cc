#include "app/machinery.h"

#include "app/keyring.h"
#include "app/owner_identity.h"
#include "base/random.h"
#include "io/file.h"

namespace weir::app {

Result<std::unique_ptr<Machinery>> Machinery::make(const catalog::BuiltMaterialization& built,
                                                   const Folders& folders,
                                                   const connector::Owner& owner,
                                                   const Network& network, bool skip_gaps) {
  std::unique_ptr<Machinery> made(new Machinery());
  const std::string folder = task_folder(folders.state, built.spec.name);
  WEIR_RETURN_IF_ERROR(io::make_folders(io::folder_of(folder), 0700));
  WEIR_TRY(made->store_, open_store(folder));
  made->journals_ = make_journals(folders.journals, built.files, skip_gaps);
  made->spill_ = make_spill_file(folder);
  WEIR_TRY(made->client_, make_http_client(network));
  made->dispatcher_ =
      std::make_unique<delivery::Dispatcher>(*made->client_, system_clock(), Random(random_seed()),
                                             [wake = &made->wake_] { wake->notify(); });
  made->dispatcher_thread_ =
      std::make_unique<delivery::DispatcherThread>(*made->dispatcher_, *made->client_);

  runtime::ShardDeps& deps = made->deps_;
  deps.make_destination = [spec = built.spec] { return make_destination(spec); };
  deps.journals = made->journals_.get();
  deps.store = made->store_.get();
  deps.dispatcher = made->dispatcher_.get();
  deps.spill = made->spill_.get();
  deps.clock = &system_clock();
  deps.wake = &made->wake_;
  deps.owner = owner;
  deps.owner.task = built.spec.name;
  deps.owner_is_dead = [owner](const connector::Owner& other) { return is_dead(other, owner); };
  deps.surroundings = surroundings();
  // The keys are looked for at each opening, so that a key that was added heals a task.
  deps.open_config = [files = folders.identities](const catalog::BuiltMaterialization& task) {
    return open_config(task, files);
  };
  deps.open_triggers = [files = folders.identities](const catalog::BuiltMaterialization& task) {
    return open_triggers(task, files);
  };
  deps.seed = random_seed();
  return made;
}

Machinery::~Machinery() {
  (void)close();
}

Status Machinery::close() {
  if (closed_) return {};
  closed_ = true;
  if (dispatcher_thread_ != nullptr) dispatcher_thread_->stop();
  return store_ == nullptr ? Status() : store_->close();
}

}  // namespace weir::app
