# SPDX-License-Identifier: Apache-2.0
# A DAG of Airflow 3 that trains the model "reviews" again every night; a night without new data is shown as skipped.
# What to change: the constants, the two connections, schedule; put the file into Airflow's dags folder.
# It needs the providers apache-spark, and for s3:// also amazon with its extra s3fs.
#
# SparkSubmitOperator takes every exit code but 0 for a failure, and spark-submit in cluster mode on Kubernetes ends with
# 0 whatever the driver ended with. So a second task reads what the retraining has left in the registry.
# In cluster mode the preset has to be in the image or to travel: files=PRESET, and "@reviews.args" below.
# On YARN in cluster mode, Airflow 3.3 asks for durable=False or yarn_track_via_rm_api=True as well.
import json
from datetime import datetime, timedelta, timezone

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import ObjectStoragePath, dag, task

JAR = "/opt/unroll/spark-job/target/unroll.jar"
# The folder of the model in the registry, as Airflow's storage spells it: s3 for Hadoop's s3a.
OUTCOME = "s3://models/registry/reviews/outcome.json"

DONE = ("promoted", "kept")
NOTHING_DONE = ("nothing-new", "locked")


@task
def tell_outcome(dag_run=None):
    """Skips a night without a training, and fails where this run has left no outcome."""
    path = ObjectStoragePath(OUTCOME, conn_id="aws_default")
    if not path.exists():
        raise AirflowFailException(f"{OUTCOME} is not there: the driver ended early; see its log")
    written = path.stat().st_mtime
    if written and written < dag_run.start_date.timestamp():
        raise AirflowFailException(
            f"{OUTCOME} is of an earlier run: another one holds the registry, or the driver ended early; see its log"
        )
    outcome = json.loads(path.read_text())
    if outcome["outcome"] in NOTHING_DONE:
        raise AirflowSkipException(outcome["outcome"])
    if outcome["outcome"] not in DONE:
        raise AirflowFailException(json.dumps(outcome))
    return outcome


@dag(
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,  # a retraining reads all that is new, whenever it comes
    max_active_runs=1,
    tags=["unroll"],
)
def unroll_reviews():
    retrain = SparkSubmitOperator(
        task_id="retrain",
        conn_id="spark_default",
        application=JAR,
        java_class="org.unroll.spark.Main",
        name="unroll-reviews",
        num_executors=2,
        executor_cores=2,
        executor_memory="4g",
        driver_memory="4g",
        application_args=[
            "retrain",
            "--registry",
            "s3a://models/registry",
            "--name",
            "reviews",
            "--input",
            "s3a://logs/reviews/day=*/",
            "--window",
            "30d",
            "@/opt/unroll/conf/reviews.args",
            "--json",
        ],
        retries=1,  # the same command goes on from the last checkpoint
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=6),
    )
    retrain >> tell_outcome()


unroll_reviews()
