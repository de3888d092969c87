#include "testing/watched_destination.h"

#include <utility>

namespace weir::testing {
namespace {

using connector::Counts;
using connector::LoadedSink;
using connector::LoadKey;
using connector::Opened;
using connector::OpenRequest;
using connector::StateUpdate;
using connector::StoreRow;

class WatchedDestination final : public connector::Destination {
 public:
  WatchedDestination(std::unique_ptr<connector::Destination> inner, const DestinationHooks& hooks,
                     std::function<std::string()> checkpoint_now, std::size_t& openings)
      : inner_(std::move(inner)),
        hooks_(hooks),
        checkpoint_now_(std::move(checkpoint_now)),
        openings_(openings) {}

  Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config_json,
      std::span<const protocol::ValidateBinding> bindings) override {
    return inner_->validate(config_json, bindings);
  }
  Result<Opened> open(const OpenRequest& request) override {
    pid_ = request.owner.pid;
    return watched<Result<Opened>>("open", [&] {
      auto opened = inner_->open(request);
      if (opened) ++openings_;
      return opened;
    });
  }
  bool can_upsert() const override { return inner_->can_upsert(); }
  Result<std::optional<StateUpdate>> acknowledge() override {
    return watched<Result<std::optional<StateUpdate>>>("acknowledge",
                                                       [&] { return inner_->acknowledge(); });
  }
  Status load(std::span<const LoadKey> keys) override {
    return watched<Status>("load", [&] { return inner_->load(keys); });
  }
  Result<std::optional<StateUpdate>> flush(const LoadedSink& loaded) override {
    return watched<Result<std::optional<StateUpdate>>>("flush",
                                                       [&] { return inner_->flush(loaded); });
  }
  Status store(std::span<const StoreRow> rows) override {
    return watched<Status>("store", [&] { return inner_->store(rows); });
  }
  Result<std::vector<Counts>> finish_store() override {
    return watched<Result<std::vector<Counts>>>("finish_store",
                                                [&] { return inner_->finish_store(); });
  }
  Result<std::optional<StateUpdate>> start_commit(const protocol::Checkpoint& checkpoint) override {
    return watched<Result<std::optional<StateUpdate>>>("start_commit", [&] {
      const Witness witness(*this);
      return inner_->start_commit(checkpoint);
    });
  }
  Status release_ownership() override {
    return watched<Status>("release_ownership", [&] { return inner_->release_ownership(); });
  }
  Status close() override { return inner_->close(); }
  void interrupt() override { inner_->interrupt(); }

 private:
  // Looks at the endpoint after a commit, whichever way it is left.
  class Witness {
   public:
    explicit Witness(WatchedDestination& watched)
        : watched_(watched), before_(watched.checkpoint_now_()) {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() {
      const std::string now = watched_.checkpoint_now_();
      if (now != before_ && watched_.hooks_.on_commit)
        watched_.hooks_.on_commit(now, watched_.pid_);
    }

   private:
    WatchedDestination& watched_;
    const std::string before_;
  };

  template <typename Answer, typename Call>
  Answer watched(std::string_view name, Call&& call) {
    if (hooks_.before_call) WEIR_RETURN_IF_ERROR(hooks_.before_call(name));
    Answer answer = call();
    if (answer && hooks_.after_call) WEIR_RETURN_IF_ERROR(hooks_.after_call(name));
    return answer;
  }

  const std::unique_ptr<connector::Destination> inner_;
  const DestinationHooks& hooks_;
  const std::function<std::string()> checkpoint_now_;
  std::size_t& openings_;
  std::int64_t pid_ = 0;
};

}  // namespace

std::unique_ptr<connector::Destination> watch_destination(
    std::unique_ptr<connector::Destination> inner, const DestinationHooks& hooks,
    std::function<std::string()> checkpoint_now, std::size_t& openings) {
  return std::make_unique<WatchedDestination>(std::move(inner), hooks, std::move(checkpoint_now),
                                              openings);
}

}  // namespace weir::testing
