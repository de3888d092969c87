// Requests that another thread answers: each one's connection is suspended meanwhile.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <mutex>
#include <set>

#include "io/http_server.h"

namespace weir::io {

// Shared by a server and all requests that it handed out, which may outlive it.
class HttpCalls : public std::enable_shared_from_this<HttpCalls> {
 public:
  struct Call {
    enum class State { kWaits, kAnswered, kGone };
    MHD_Connection* connection = nullptr;
    ServerRequest request;
    std::unique_ptr<RequestBody> body;
    ServerResponse response;
    State state = State::kWaits;
  };

  // Suspends the connection and hands the request to `take`; nullptr once stopped. The connection
  // is resumed when state() is no longer kWaits.
  std::shared_ptr<Call> begin(MHD_Connection* connection, ServerRequest request,
                              std::unique_ptr<RequestBody> body,
                              const std::function<void(std::unique_ptr<PendingRequest>)>& take);
  Call::State state(const Call& call);
  // Resumes all of them without an answer.
  void stop();

 private:
  class Handle;
  void answer(const std::shared_ptr<Call>& call, ServerResponse response);

  std::mutex mutex_;
  std::set<std::shared_ptr<Call>> waiting_;  // guarded by mutex_, as is their state
  bool stopped_ = false;                     // guarded by mutex_
};

}  // namespace weir::io
