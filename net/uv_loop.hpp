// The production Loop, on libuv. The only file that knows libuv.
#pragma once

#include <memory>

#include "net/loop.hpp"

namespace ronda::net {

class UvLoop final : public Loop {
 public:
  UvLoop();
  ~UvLoop() override;  // every handle must be gone before

  void run();   // until stop()
  void stop();  // ends run() after the current callback

  SteadyTime now() const override;
  WallTime wall_now() const override;
  Handle at(SteadyTime when, Callback callback) override;
  std::unique_ptr<Watch> watch(int descriptor, OnReady callback) override;
  Handle on_signal(int number, Callback callback) override;
  Duration worst_lag_since(SteadyTime start) const override;

  struct State;  // opaque

 private:
  std::unique_ptr<State> state_;
};

}  // namespace ronda::net
