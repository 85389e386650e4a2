add_library(ronda_schedule STATIC
  ${CMAKE_CURRENT_LIST_DIR}/schedule.cpp
)
target_link_libraries(ronda_schedule PUBLIC ronda_options ronda_net)
