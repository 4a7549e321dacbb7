"""What GraphML and GEXF tell of a node and of an edge, and under which names."""

from academy.contracts.graph_file import FileEdge, FileNode, GraphFile

__all__ = ["EDGE_COLUMNS", "NODE_COLUMNS", "cluster_names", "edge_values", "node_values"]

NODE_COLUMNS = (
    ("title", "string"),
    ("kind", "string"),
    ("cluster", "string"),
    ("cluster_name", "string"),
    ("subcluster", "string"),
    ("subcluster_name", "string"),
    ("keywords", "string"),
    ("language", "string"),
    ("created_at", "string"),
    ("updated_at", "string"),
    ("source_key", "string"),
    ("digest", "string"),
    ("characters", "long"),
    ("degree", "long"),
    ("x", "double"),
    ("y", "double"),
)
EDGE_COLUMNS = (("weight", "double"), ("similarity", "double"))


def cluster_names(graph: GraphFile) -> dict[str, str]:
    """Return the name of each cluster and subcluster by id."""
    names = {cluster.id: cluster.name for cluster in graph.clusters}
    names.update((part.id, part.name) for cluster in graph.clusters for part in cluster.subclusters)
    return names


def node_values(node: FileNode, names: dict[str, str]) -> tuple[str | int | float, ...]:
    """Return what NODE_COLUMNS name, in that order."""
    return (
        *(node.title, node.kind, node.cluster, names.get(node.cluster, "")),
        *(node.subcluster, names.get(node.subcluster, ""), ", ".join(node.keywords), node.language),
        *(node.created_at, node.updated_at, node.source_key, node.digest),
        *(node.characters, node.degree, node.x, node.y),
    )


def edge_values(edge: FileEdge) -> tuple[float, ...]:
    """Return what EDGE_COLUMNS name, in that order."""
    return edge.weight, edge.similarity
