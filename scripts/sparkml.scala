// SPDX-License-Identifier: Apache-2.0
// A pipeline of Spark ML with a recurrent classifier, in Scala; spark-job/SPARKML.md goes through it. From the project's folder:
//   spark-shell --jars spark-job/target/unroll.jar -I scripts/sparkml.scala
import org.apache.spark.ml.{Pipeline, PipelineModel}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.apache.spark.ml.feature.{IndexToString, RegexTokenizer, StringIndexer}
import org.apache.spark.ml.tuning.{CrossValidator, CrossValidatorModel, ParamGridBuilder}
import org.unroll.spark.ml.SequenceClassifier

val tickets = spark.read.option("sep", "\t").option("header", "true")
  .csv("data-samples/tickets/day=2026-11-0[1-3]", "data-samples/tickets/day=2026-11-0[4-7]")
val Array(training, test) = tickets.randomSplit(Array(0.8, 0.2), seed = 1)

val topics = new StringIndexer().setInputCol("topic").setOutputCol("label")
val words = new RegexTokenizer().setInputCol("text").setOutputCol("words").setPattern("\\W+")
val classifier = new SequenceClassifier()
  .setInputCol("words").setCellType("gru").setNumLayers(1).setHiddenSize(24).setEmbeddingSize(16)
  .setPooling("mean").setBatchSize(16).setStepSize(0.01)
val pipeline = new Pipeline().setStages(Array(topics, words, classifier))

val settings = new ParamGridBuilder().addGrid(classifier.maxIter, Array(1, 6)).build()
val accuracy = new MulticlassClassificationEvaluator().setMetricName("accuracy")
val validator = new CrossValidator().setEstimator(pipeline).setEstimatorParamMaps(settings)
  .setEvaluator(accuracy).setNumFolds(2).setSeed(1)
val chosen = validator.fit(training)
println(s"accuracy of 1 and of 6 passes: ${chosen.avgMetrics.mkString(", ")}")

val folder = sys.props.getOrElse("sparkml.folder", "work/sparkml")
chosen.bestModel.asInstanceOf[PipelineModel].write.overwrite().save(folder)
val loaded = PipelineModel.load(folder)
val names = new IndexToString().setInputCol("prediction").setOutputCol("said")
val said = names.transform(loaded.transform(test))
said.select("text", "topic", "said").show(5, truncate = false)
println(s"accuracy on the test rows: ${accuracy.evaluate(said)}")
