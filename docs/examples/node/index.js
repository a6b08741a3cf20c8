// A hello-world skill in the manner of the official Node SDK's own sample, hosted as a web service. Nothing in it knows of Sayso.
const Alexa = require('ask-sdk-core');
const { ExpressAdapter } = require('ask-sdk-express-adapter');
const express = require('express');

const LaunchRequestHandler = {
  canHandle(handlerInput) {
    return Alexa.getRequestType(handlerInput.requestEnvelope) === 'LaunchRequest';
  },
  handle(handlerInput) {
    const speech = 'Welcome, you can say hello or help. Which would you like to try?';
    return handlerInput.responseBuilder.speak(speech).reprompt(speech).getResponse();
  },
};

const HelloWorldIntentHandler = {
  canHandle(handlerInput) {
    return Alexa.getRequestType(handlerInput.requestEnvelope) === 'IntentRequest'
      && Alexa.getIntentName(handlerInput.requestEnvelope) === 'HelloWorldIntent';
  },
  handle(handlerInput) {
    const token = Alexa.getAccountLinkingAccessToken(handlerInput.requestEnvelope);
    if (!token) {
      return handlerInput.responseBuilder
        .speak('Please link your account in the Alexa app.')
        .withLinkAccountCard()
        .getResponse();
    }
    return handlerInput.responseBuilder.speak('Hello World, your account is linked!').getResponse();
  },
};

const HelpIntentHandler = {
  canHandle(handlerInput) {
    return Alexa.getRequestType(handlerInput.requestEnvelope) === 'IntentRequest'
      && Alexa.getIntentName(handlerInput.requestEnvelope) === 'AMAZON.HelpIntent';
  },
  handle(handlerInput) {
    const speech = 'You can say hello to me! How can I help?';
    return handlerInput.responseBuilder.speak(speech).reprompt(speech).getResponse();
  },
};

const CancelAndStopIntentHandler = {
  canHandle(handlerInput) {
    return Alexa.getRequestType(handlerInput.requestEnvelope) === 'IntentRequest'
      && ['AMAZON.CancelIntent', 'AMAZON.StopIntent'].includes(Alexa.getIntentName(handlerInput.requestEnvelope));
  },
  handle(handlerInput) {
    return handlerInput.responseBuilder.speak('Goodbye!').withShouldEndSession(true).getResponse();
  },
};

const SessionEndedRequestHandler = {
  canHandle(handlerInput) {
    return Alexa.getRequestType(handlerInput.requestEnvelope) === 'SessionEndedRequest';
  },
  handle(handlerInput) {
    return handlerInput.responseBuilder.getResponse();
  },
};

const ErrorHandler = {
  canHandle() {
    return true;
  },
  handle(handlerInput, error) {
    console.log(`Error handled: ${error.message}`);
    return handlerInput.responseBuilder.speak('Sorry, I had trouble doing what you asked.').getResponse();
  },
};

const skill = Alexa.SkillBuilders.custom()
  .addRequestHandlers(
    LaunchRequestHandler,
    HelloWorldIntentHandler,
    HelpIntentHandler,
    CancelAndStopIntentHandler,
    SessionEndedRequestHandler,
  )
  .addErrorHandlers(ErrorHandler)
  .withSkillId(process.env.SKILL_ID)
  .create();

// Both verifications are on: the signature of the request, and its time.
const adapter = new ExpressAdapter(skill, true, true);
const app = express();
app.post('/', adapter.getRequestHandlers());
const server = app.listen(process.env.PORT || 3000, '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
