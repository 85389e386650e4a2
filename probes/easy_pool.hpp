// libcurl easy handles kept for the next check: making one costs more than a plain check on
// loopback. One pool per loop; a handle that would remember its last check is not kept.
#pragma once

#include <memory>
#include <vector>

namespace ronda::probes {

class EasyPool {
 public:
  EasyPool() = default;
  ~EasyPool();
  EasyPool(const EasyPool&) = delete;
  EasyPool& operator=(const EasyPool&) = delete;

  void* take();  // a CURL*, with no option set; nullptr when there is no memory
  void give_back(void* easy);

 private:
  std::vector<void*> idle_{};
};

}  // namespace ronda::probes
