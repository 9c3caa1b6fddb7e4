"""A Ray cluster of several nodes, in a process of its own: `python -m tests.ray_engine.cluster FOLDER`.

Reads commands from standard input, a line each: add, remove. Answers each with a line. Ends with its input.
"""

import json
import os
import sys
from pathlib import Path

NOTICED_SOON = {"health_check_initial_delay_ms": 500, "health_check_period_ms": 500,
                "health_check_failure_threshold": 3}  # fmt: skip


def answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    from ray.cluster_utils import Cluster

    # Cluster writes its address into a folder that only ray.init makes: into one of this cluster's own, then,
    # which no other Ray of this machine reads.
    os.environ["RAY_TMPDIR"] = sys.argv[1]
    (Path(sys.argv[1]) / "ray").mkdir()
    head = {"num_cpus": 0, "include_dashboard": False, "temp_dir": sys.argv[1]}
    cluster = Cluster(initialize_head=True, head_node_args={**head, "_system_config": NOTICED_SOON})
    nodes = [cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)]
    answer(json.dumps({"address": cluster.address, "session": nodes[0].get_session_dir_path()}))
    for command in sys.stdin:
        if command.strip() == "remove":
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        else:
            nodes.append(cluster.add_node(num_cpus=1))
        answer("done")
    cluster.shutdown()


if __name__ == "__main__":
    main()
