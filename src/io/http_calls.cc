#include "io/http_calls.h"

namespace weir::io {

class HttpCalls::Handle final : public PendingRequest {
 public:
  Handle(std::shared_ptr<HttpCalls> calls, std::shared_ptr<Call> call)
      : calls_(std::move(calls)), call_(std::move(call)) {}
  ~Handle() override { calls_->answer(call_, {.status = 500, .headers = {}, .body = {}}); }
  const ServerRequest& request() const override { return call_->request; }
  RequestBody& body() override { return *call_->body; }
  void answer(ServerResponse response) override {
    call_->body->clear();
    calls_->answer(call_, std::move(response));
  }

 private:
  const std::shared_ptr<HttpCalls> calls_;
  const std::shared_ptr<Call> call_;
};

std::shared_ptr<HttpCalls::Call> HttpCalls::begin(
    MHD_Connection* connection, ServerRequest request, std::unique_ptr<RequestBody> body,
    const std::function<void(std::unique_ptr<PendingRequest>)>& take) {
  auto call = std::make_shared<Call>();
  call->connection = connection;
  call->request = std::move(request);
  call->body = std::move(body);
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return nullptr;
    ::MHD_suspend_connection(connection);
    waiting_.insert(call);
  }
  take(std::make_unique<Handle>(shared_from_this(), call));
  return call;
}

HttpCalls::Call::State HttpCalls::state(const Call& call) {
  const std::lock_guard lock(mutex_);
  return call.state;
}

void HttpCalls::answer(const std::shared_ptr<Call>& call, ServerResponse response) {
  const std::lock_guard lock(mutex_);
  if (waiting_.erase(call) == 0) return;
  call->response = std::move(response);
  call->state = Call::State::kAnswered;
  ::MHD_resume_connection(call->connection);
}

void HttpCalls::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const std::shared_ptr<Call>& call : waiting_) {
    call->state = Call::State::kGone;
    ::MHD_resume_connection(call->connection);
  }
  waiting_.clear();
}

}  // namespace weir::io
